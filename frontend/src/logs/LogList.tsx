import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type ReactNode } from "react";
import type { LogRecord } from "../api/types.gen";
import { plural } from "../format/numbers";
import { NewPill } from "../ui/NewPill";
import { useHold } from "../ui/useHold";
import { LogRow } from "./LogRow";
import type { LogFeed } from "./useLogFeed";

const ROW = 28;

interface Props {
  feed: LogFeed;
  logs: readonly LogRecord[];
  open: string | undefined;
  onOpen: (id: string | undefined) => void;
  onFilter: (term: string) => void;
  onHold: (held: boolean) => void;
}

export function LogList({ feed, logs, open, onOpen, onFilter, onHold }: Props): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: logs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => logs[index]?.id ?? index,
    overscan: 12,
  });
  // Nothing moves under the pointer, below the top, or while a record is read.
  const hold = useHold(onHold, open !== undefined);

  const at = logs.findIndex((log) => log.id === open);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
  }, [open]);

  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasMore, isLoadingMore, loadMore } = feed;
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= logs.length - 20) loadMore();
  });
  return (
    <div className="log-list" data-old={feed.isOld} onPointerEnter={hold.enter} onPointerLeave={hold.leave}>
      <NewPill waiting={feed.waiting} isMore={feed.waitingIsMore} onShow={feed.showWaiting} scroller={scroller} />
      <div className="log-scroll" ref={scroller} onScroll={(event) => hold.scroll(event.currentTarget.scrollTop)}>
        <ol className="log-rows" style={{ height: rows.getTotalSize() }} aria-busy={feed.isOld} aria-label="Log records, newest first">
          {shown.map((item) => {
            const log = logs[item.index];
            return (
              log && (
                <li
                  key={item.key}
                  ref={rows.measureElement}
                  data-index={item.index}
                  style={{ transform: `translateY(${item.start}px)` }}
                  aria-posinset={item.index + 1}
                  aria-setsize={hasMore ? -1 : logs.length}
                >
                  <LogRow log={log} open={log.id === open} onOpen={onOpen} onFilter={onFilter} />
                </li>
              )
            );
          })}
        </ol>
        <p className="list-end muted" role="status">
          {hasMore ? (isLoadingMore ? "Loading older records" : "") : plural(logs.length, "record")}
        </p>
      </div>
    </div>
  );
}
