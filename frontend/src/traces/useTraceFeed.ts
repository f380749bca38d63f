/** The list as it grows: pages downwards on scrolling, new rows on top as they arrive. */
import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../api/client";
import { useChanges } from "../api/hooks";
import type { TraceList, TraceSummary } from "../api/types.gen";
import { mergeHead, withArrived } from "../model/feed";
import { boundsOf, type BoardSearch } from "../model/window";

const PAGE = 50;
const MOST_HEAD = 200;

type TimeRange = Pick<BoardSearch, "since" | "until">;

function timesOf(range: TimeRange): { since: string | undefined; until: string | undefined } {
  const bounds = boundsOf(range, Date.now());
  return { since: bounds.since?.toString(), until: bounds.until?.toString() };
}

type Pages = InfiniteData<TraceList>;

export interface TraceFeed {
  traces: readonly TraceSummary[] | undefined;
  /** The rows are those of the filter before; the new ones are on their way, or the filter is refused. */
  isOld: boolean;
  error: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  /** Arrived, but held back. */
  waiting: number;
  showWaiting: () => void;
  reload: () => void;
}

/** `held` keeps the rows where they are: what arrives waits, what is shown still changes in place. */
export function useTraceFeed(q: string, range: TimeRange, live: boolean, held: boolean): TraceFeed {
  const client = useQueryClient();
  const { since, until } = range;
  const key = useMemo(() => ["traces", q, since ?? "any", until ?? "now"] as const, [q, since, until]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      api.traces({ q, ...timesOf({ since, until }), limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
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
      const head = await api.traces({ q, ...timesOf({ since, until }), limit });
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
  // A refused filter leaves the rows of the one before in sight.
  const lastRows = useRef(rows);
  useEffect(() => {
    if (rows) lastRows.current = rows;
  }, [rows]);

  return {
    traces: rows ?? (query.isError ? lastRows.current : undefined),
    isOld: query.isPlaceholderData || query.isError,
    error: query.error,
    hasMore: query.hasNextPage && !query.isPlaceholderData,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (!query.isFetchingNextPage) void query.fetchNextPage();
    },
    waiting: waiting.length,
    showWaiting: () => apply(waiting),
    reload: () => void query.refetch(),
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
