import { getRouteApi, useNavigate, useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import type { TracesSearch } from "../model/address";
import { facetsOf } from "../model/facets";
import { toggleTerm } from "../model/filter";
import { sinceOf } from "../model/range";
import { NothingMatches } from "../filter/NothingMatches";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { Facets } from "./Facets";
import { FilterBar, type OpenPanel } from "./FilterBar";
import { FirstSteps } from "./FirstSteps";
import { Histogram, HistogramPlace } from "./Histogram";
import { lastOpened, rememberRows, rememberSearch } from "./lastList";
import { PickedBar } from "./PickedBar";
import { TraceList } from "./TraceList";
import { useSurroundings } from "./useSurroundings";
import { useTraceFeed } from "./useTraceFeed";

const route = getRouteApi("/");

export function TracesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/" });
  const q = search.q ?? "";
  const live = search.live !== "off";
  const [held, setHeld] = useState(false);
  const [showFacets, setShowFacets] = useState(false);
  const [panel, setPanel] = useState<OpenPanel>(null);
  const range = useMemo(() => ({ since: search.since, until: search.until }), [search.since, search.until]);
  const feed = useTraceFeed(q, range, live, held);
  const { histogram, facets } = useSurroundings(q, range, live, feed.traces !== undefined || feed.error !== null);
  const bars = useRef<HTMLDivElement>(null);
  const router = useRouter();
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
  const picked = search.pick;
  const pick = useCallback(
    (traceId: string): void => {
      if (picked === undefined || picked === traceId) change({ pick: picked === traceId ? undefined : traceId });
      else router.history.push(`/compare?a=${picked}&b=${traceId}`);
    },
    [picked, change, router],
  );
  const toggleLive = (): void => change({ live: live ? "off" : undefined });
  useKeys({
    filter: () => filter.current?.focus(),
    nextTrace: () => step(1),
    previousTrace: () => step(-1),
    openTrace: () => marked && open(marked),
    live: toggleLive,
    pick: () => marked && pick(marked),
    unpick: () => change({ pick: undefined }),
    views: () => setPanel("views"),
    range: () => setPanel("range"),
    histogram: () => bars.current?.focus(),
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
        range={range}
        live={live}
        facetsOpen={showFacets}
        onFacets={() => setShowFacets(!showFacets)}
        onQuery={(text, replace) => change({ q: text || undefined }, replace)}
        onRange={({ since, until }) => change({ since, until }, false)}
        onView={(shown) => change({ q: shown.q || undefined, since: shown.since, until: shown.until }, false)}
        panel={panel}
        onPanel={setPanel}
        onLive={toggleLive}
      />
      <div className="traces-body">
        <Facets
          facets={facetsOf(facets.data, q)}
          q={q}
          open={showFacets}
          isOld={facets.isPlaceholderData || refused}
          since={beginOf(range.since)}
          onToggle={(key, value) => change({ q: toggleTerm(q, key, value) || undefined }, false)}
        />
        <section className="traces-main" aria-label="Traces">
          {histogram.isPending && <HistogramPlace />}
          {histogram.data && (
            <Histogram
              found={histogram.data}
              isOld={histogram.isPlaceholderData || refused}
              focusRef={bars}
              onSelect={(since, until) => change({ since, until }, false)}
            />
          )}
          {picked && <PickedBar traceId={picked} traces={traces ?? []} onLetGo={() => change({ pick: undefined })} />}
          {!traces && !feed.error && <Skeleton rows={12} tall />}
          {!traces && feed.error && !refused && <Failure error={feed.error} onRetry={feed.reload} />}
          {traces?.length === 0 && !feed.error && (
            <NothingMatches
              what="trace"
              q={q}
              range={range}
              onQuery={(text) => change({ q: text || undefined }, false)}
              onAnyTime={() => change({ since: undefined, until: undefined }, false)}
              onClear={() => change({ q: undefined, since: undefined, until: undefined }, false)}
            />
          )}
          {traces && traces.length > 0 && (
            <TraceList feed={feed} traces={traces} marked={marked} picked={picked} onMark={mark} onPick={pick} onHold={setHeld} />
          )}
        </section>
      </div>
    </div>
  );
}

/** When a range begins, in nanoseconds; undefined for any time. */
function beginOf(since: string | undefined): bigint | undefined {
  const begin = sinceOf(since, Date.now());
  return begin === undefined ? undefined : BigInt(begin);
}
