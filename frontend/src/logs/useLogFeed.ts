/** Log records as they come: pages downwards on scrolling, new ones on top; held, they wait, and no row moves. */
import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { connection } from "../api/connection";
import { exchange, type LogQuery } from "../api/exchange";
import type { LogList, LogRecord } from "../api/types.gen";
import { mergeLogs } from "../model/logs";
import { feedState, useRowsOrLast, type FeedState } from "../ui/feedState";

const PAGE = 200;
const TAIL_MS = 2000;

export interface LogFeed extends FeedState {
  logs: readonly LogRecord[] | undefined;
  waiting: number;
  /** More came than were asked for in one go. */
  waitingIsMore: boolean;
  showWaiting: () => void;
}

type Pages = InfiniteData<LogList>;

export function useLogFeed(query: LogQuery, live: boolean, held: boolean): LogFeed {
  const client = useQueryClient();
  const key = useMemo(() => ["logs", query.q, query.severity, query.since, query.until] as const, [query]);
  const found = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => exchange.logs(query, PAGE, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const [waiting, setWaiting] = useState<LogList | null>(null);
  useEffect(() => setWaiting(null), [key]);

  const apply = (head: LogList): void => {
    setWaiting(null);
    client.setQueryData<Pages>(key, (pages) => (pages ? withHead(pages, head) : pages));
  };
  const now = useRef({ held, apply });
  useEffect(() => {
    now.current = { held, apply };
    if (!held && waiting) apply(waiting);
  });

  useEffect(() => {
    if (!live) return undefined;
    let busy = false;
    const look = async (): Promise<void> => {
      const before = client.getQueryData<Pages>(key);
      if (busy || !before || document.hidden || connection.isDown()) return;
      busy = true;
      try {
        const head = await exchange.logs(query, PAGE, undefined);
        const shown = new Set(rowsOf(client.getQueryData<Pages>(key)).map((log) => log.id));
        if (head.logs.every((log) => shown.has(log.id))) return;
        if (now.current.held) setWaiting(head);
        else now.current.apply(head);
      } catch {
        // The bar at the top tells of a server that is away; the next look may find it again.
      } finally {
        busy = false;
      }
    };
    const timer = setInterval(() => void look(), TAIL_MS);
    return () => clearInterval(timer);
  }, [client, key, live, query]);

  const logs = useMemo(() => (found.data ? rowsOf(found.data) : undefined), [found.data]);
  const rows = useRowsOrLast(logs, found.isError);
  const shown = useMemo(() => new Set((logs ?? []).map((log) => log.id)), [logs]);
  const fresh = waiting ? waiting.logs.filter((log) => !shown.has(log.id)).length : 0;
  return {
    ...feedState(found),
    logs: rows,
    waiting: fresh,
    waitingIsMore: fresh >= PAGE,
    showWaiting: () => waiting && apply(waiting),
  };
}

function rowsOf(pages: Pages | undefined): LogRecord[] {
  return (pages?.pages ?? []).reduce<LogRecord[]>((rows, page) => mergeLogs(rows, page.logs), []);
}

/** New rows on top; where there are more new ones than a page, the list starts again, since some lie between. */
function withHead(pages: Pages, head: LogList): Pages {
  const shown = new Set(rowsOf(pages).map((log) => log.id));
  const fresh = head.logs.filter((log) => !shown.has(log.id));
  const [first, ...rest] = pages.pages;
  if (!first || (fresh.length === head.logs.length && head.next_cursor !== null)) return { pages: [head], pageParams: [undefined] };
  return { ...pages, pages: [{ ...first, logs: mergeLogs(fresh, first.logs) }, ...rest] };
}
