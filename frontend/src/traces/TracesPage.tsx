import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import type { TracesSearch } from "../model/address";
import { facetsOf } from "../model/facets";
import { toggleTerm } from "../model/filter";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { EmptyList } from "./EmptyList";
import { Facets } from "./Facets";
import { FilterBar } from "./FilterBar";
import { FirstSteps } from "./FirstSteps";
import { lastOpened, rememberRows, rememberSearch } from "./lastList";
import { TraceList } from "./TraceList";
import { useTraceFeed } from "./useTraceFeed";

const route = getRouteApi("/");

export function TracesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/" });
  const q = search.q ?? "";
  const live = search.live !== "off";
  const [held, setHeld] = useState(false);
  const [showFacets, setShowFacets] = useState(false);
  const feed = useTraceFeed(q, search, live, held);
  const filter = useRef<HTMLInputElement>(null);
  useTitle("Traces");

  const change = useCallback(
    (part: TracesSearch, replace = true) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  const { traces } = feed;
  useEffect(() => rememberSearch(search), [search]);
  useEffect(() => rememberRows((traces ?? []).map((trace) => trace.trace_id)), [traces]);

  const marked = search.sel ?? lastOpened();
  const mark = useCallback((traceId: string) => change({ sel: traceId }), [change]);
  const step = (by: number): void => {
    if (!traces || traces.length === 0) return;
    const at = traces.findIndex((trace) => trace.trace_id === marked);
    const next = traces[at < 0 ? 0 : Math.min(traces.length - 1, Math.max(0, at + by))];
    if (next) mark(next.trace_id);
  };
  const open = (traceId: string): void => void navigate({ to: "/traces/$traceId", params: { traceId }, search: {} });
  const toggleLive = (): void => change({ live: live ? "off" : undefined });
  useKeys({
    filter: () => filter.current?.focus(),
    nextTrace: () => step(1),
    previousTrace: () => step(-1),
    openTrace: () => marked && open(marked),
    live: toggleLive,
  });

  // A refused filter is told at the filter.
  const refused = feed.error instanceof ApiFailure && feed.error.status === 400;
  const unfiltered = q === "" && search.since === undefined && search.until === undefined;
  const nothingYet = unfiltered && traces?.length === 0 && !feed.isOld;
  useEffect(() => {
    // The first trace is waited for, whatever the address says.
    if (nothingYet && !live) change({ live: undefined });
  }, [nothingYet, live, change]);
  if (nothingYet) return <FirstSteps />;
  return (
    <div className="traces-page">
      <FilterBar
        inputRef={filter}
        q={q}
        error={feed.error}
        range={search}
        live={live}
        facetsOpen={showFacets}
        onFacets={() => setShowFacets(!showFacets)}
        onQuery={(text, replace) => change({ q: text || undefined }, replace)}
        onRange={(since) => change({ since, until: undefined }, false)}
        onLive={toggleLive}
      />
      <div className="traces-body">
        <Facets
          facets={facetsOf(traces ?? [])}
          loaded={traces?.length ?? 0}
          q={q}
          open={showFacets}
          onToggle={(key, value) => change({ q: toggleTerm(q, key, value) || undefined }, false)}
        />
        <section className="traces-main" aria-label="Traces">
          {!traces && !feed.error && <Skeleton rows={12} tall />}
          {!traces && feed.error && !refused && <Failure error={feed.error} onRetry={feed.reload} />}
          {traces?.length === 0 && !feed.error && (
            <EmptyList q={q} range={search} onClear={() => change({ q: undefined, since: undefined, until: undefined }, false)} />
          )}
          {traces && traces.length > 0 && (
            <TraceList feed={feed} traces={traces} marked={marked} onMark={mark} onHold={setHeld} />
          )}
        </section>
      </div>
    </div>
  );
}
