import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { LogRecord } from "../api/types.gen";
import { plural } from "../format/numbers";
import { Icon } from "../ui/Icon";
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
  const [over, setOver] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const rows = useVirtualizer({
    count: logs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => logs[index]?.id ?? index,
    overscan: 12,
  });
  // Nothing moves under the pointer, below the top, or while a record is read.
  useEffect(() => onHold(over || scrolled || open !== undefined), [over, scrolled, open, onHold]);
  useEffect(() => () => onHold(false), [onHold]);

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
    <div
      className="log-list"
      data-old={feed.isOld}
      onPointerEnter={(event) => setOver(event.pointerType === "mouse")}
      onPointerLeave={() => setOver(false)}
    >
      {feed.waiting > 0 && (
        <button
          type="button"
          className="new-pill"
          onClick={() => {
            feed.showWaiting();
            scroller.current?.scrollTo({ top: 0 });
          }}
        >
          <Icon name="up" /> {feed.waiting}
          {feed.waitingIsMore ? "+" : ""} new
        </button>
      )}
      <div className="log-scroll" ref={scroller} onScroll={(event) => setScrolled(event.currentTarget.scrollTop > 20)}>
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
