/** The list as it grows: pages downwards on scrolling, new rows on top as they arrive. */
import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../api/client";
import { useChanges } from "../api/hooks";
import type { TraceList, TraceSummary } from "../api/types.gen";
import { mergeHead, withArrived } from "../model/feed";
import { sinceOf, type Range } from "../model/range";
import { feedState, useRowsOrLast, type FeedState } from "../ui/feedState";
import { PAGE, tracesQuery } from "./tracesQuery";

const MOST_HEAD = 200;

type Pages = InfiniteData<TraceList>;

export interface TraceFeed extends FeedState {
  traces: readonly TraceSummary[] | undefined;
  /** Arrived, but held back. */
  waiting: number;
  /** More came than were asked for in one go. */
  waitingIsMore: boolean;
  showWaiting: () => void;
}

/** `held` keeps the rows where they are: what arrives waits, what is shown still changes in place. */
export function useTraceFeed(q: string, { since, until }: Range, live: boolean, held: boolean): TraceFeed {
  const client = useQueryClient();
  const asked = useMemo(() => tracesQuery(q, { since, until }), [q, since, until]);
  const key = asked.queryKey;
  const query = useInfiniteQuery({
    ...asked,
    placeholderData: keepPreviousData,
    staleTime: live ? 60_000 : 10_000,
  });

  const [waiting, setWaiting] = useState<readonly TraceSummary[]>([]);
  useEffect(() => setWaiting([]), [key]);

  const apply = useCallback(
    (arrived: readonly TraceSummary[]) => {
      setWaiting([]);
      if (arrived.length === 0) return;
      client.setQueryData<Pages>(key, (pages) => pages && onTop(pages, arrived));
    },
    [client, key],
  );

  const heldNow = useRef(held);
  useEffect(() => {
    heldNow.current = held;
    if (!held && waiting.length > 0) apply(waiting);
  }, [held, waiting, apply]);

  const refresh = useOneAtATime(
    useCallback(async () => {
      const before = client.getQueryData<Pages>(key);
      if (!before) return;
      const limit = Math.min(MOST_HEAD, Math.max(PAGE, rowsOf(before).length));
      const head = await api.traces({ q, since: sinceOf(since, Date.now()), until, limit });
      const pages = client.getQueryData<Pages>(key);
      if (!pages) return;
      const merged = mergeHead(rowsOf(pages), head.traces);
      if (rowsOf(pages).length === 0 || (merged.gap && !heldNow.current)) {
        client.setQueryData<Pages>(key, { pages: [head], pageParams: [undefined] });
        return;
      }
      const fresh = new Map(head.traces.map((trace) => [trace.trace_id, trace]));
      const gone = heldNow.current ? new Set<string>() : merged.gone;
      client.setQueryData<Pages>(key, changed(pages, fresh, gone));
      if (heldNow.current) setWaiting(merged.arrived);
      else apply(merged.arrived);
    }, [client, key, q, since, until, apply]),
  );
  useChanges(live, refresh);

  const shown = query.data;
  const rows = useMemo(() => (shown ? rowsOf(shown) : undefined), [shown]);
  return {
    ...feedState(query),
    traces: useRowsOrLast(rows, query.isError),
    waiting: waiting.length,
    waitingIsMore: waiting.length >= MOST_HEAD,
    showWaiting: () => apply(waiting),
  };
}

function rowsOf(pages: Pages): TraceSummary[] {
  const seen = new Set<string>();
  return pages.pages
    .flatMap((page) => page.traces)
    .filter((trace) => !seen.has(trace.trace_id) && seen.add(trace.trace_id));
}

function onTop(pages: Pages, arrived: readonly TraceSummary[]): Pages {
  const [first, ...rest] = pages.pages;
  if (!first) return pages;
  return { ...pages, pages: [{ ...first, traces: withArrived(first.traces, arrived) }, ...rest] };
}

function changed(pages: Pages, fresh: ReadonlyMap<string, TraceSummary>, gone: ReadonlySet<string>): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      traces: page.traces.filter((trace) => !gone.has(trace.trace_id)).map((trace) => fresh.get(trace.trace_id) ?? trace),
    })),
  };
}

/** Runs a task once at a time, and once more if it was wanted meanwhile. A failure is left to the next run. */
function useOneAtATime(task: () => Promise<void>): () => void {
  const state = useRef<"idle" | "running" | "again">("idle");
  return useCallback(() => {
    if (state.current !== "idle") {
      state.current = "again";
      return;
    }
    state.current = "running";
    const run = (): void => {
      void task()
        .catch(() => undefined)
        .then(() => {
          if (state.current === "again") {
            state.current = "running";
            run();
          } else {
            state.current = "idle";
          }
        });
    };
    run();
  }, [task]);
}
