import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { TraceSummary } from "../api/types.gen";
import { plural } from "../format/numbers";
import { NewPill } from "../ui/NewPill";
import { LagNote } from "../ui/StoreNotes";
import { useHold } from "../ui/useHold";
import { useMedia } from "../ui/useMedia";
import { TraceRow } from "./TraceRow";
import type { TraceFeed } from "./useTraceFeed";

const ROW = 52;
const PHONE_ROW = 78;
const HEAD = 30;
/** What stands above the rows, px: only so many are drawn at first as the window shows. A wrong guess draws them twice. */
const ABOVE = 128;
const PHONE_ABOVE = 169;
/** Rows beyond the window, which wait until the first ones stand. */
const BEYOND = 8;
const BEYOND_AFTER_MS = 100;

interface Props {
  feed: TraceFeed;
  traces: readonly TraceSummary[];
  marked: string | undefined;
  picked: string | undefined;
  onMark: (traceId: string) => void;
  onPick: (traceId: string) => void;
  onHold: (held: boolean) => void;
}

export function TraceList({ feed, traces, marked, picked, onMark, onPick, onHold }: Props): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const phone = useMedia("(max-width: 760px)");
  const [beyond, setBeyond] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setBeyond(BEYOND), BEYOND_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const rows = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? PHONE_ROW : ROW),
    getItemKey: (index) => traces[index]?.trace_id ?? index,
    overscan: beyond,
    // A first guess, so that the first rows do not wait until their place is measured.
    initialRect: { width: window.innerWidth, height: window.innerHeight - (phone ? PHONE_ABOVE : ABOVE) },
    // The column heads are inside the scroller, so that a scroll bar narrows both alike.
    scrollMargin: phone ? 0 : HEAD,
    scrollPaddingStart: phone ? 0 : HEAD,
  });
  useEffect(() => rows.measure(), [phone, rows]);

  const at = traces.findIndex((trace) => trace.trace_id === marked);
  useEffect(() => {
    // Only when the mark moves: rows that arrive must not pull the list to it.
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
  }, [marked, rows]);

  const hold = useHold(onHold);
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasMore, isLoadingMore, loadMore } = feed;
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= traces.length - 10) loadMore();
  });

  return (
    <div className="trace-list" data-old={feed.isOld} onPointerEnter={hold.enter} onPointerLeave={hold.leave}>
      <NewPill waiting={feed.waiting} isMore={feed.waitingIsMore} onShow={feed.showWaiting} scroller={scroller} />
      <div className="trace-scroll" ref={scroller} onScroll={(event) => hold.scroll(event.currentTarget.scrollTop)}>
        <div className="trace-head trace-grid" aria-hidden="true">
          <span />
          <span>Question and answer</span>
          <span>Route · service</span>
          <span className="number">Latency</span>
          <span className="number">Tokens</span>
          <span className="number">Cost</span>
          <span className="number">Steps</span>
          <span className="number">Time</span>
        </div>
        <ol className="trace-rows" style={{ height: rows.getTotalSize() }} aria-busy={feed.isOld}>
          {shown.map((item) => {
            const trace = traces[item.index];
            return (
              trace && (
                <TraceRow
                  key={item.key}
                  trace={trace}
                  top={item.start - (phone ? 0 : HEAD)}
                  height={item.size}
                  position={item.index + 1}
                  total={hasMore ? -1 : traces.length}
                  marked={trace.trace_id === marked}
                  picked={trace.trace_id === picked}
                  onMark={onMark}
                  onPick={onPick}
                />
              )
            );
          })}
        </ol>
        <p className="list-end muted" role="status">
          {hasMore ? (isLoadingMore ? "Loading older traces" : "") : plural(traces.length, "trace")}
          {!hasMore && <LagNote />}
        </p>
      </div>
    </div>
  );
}
