import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import type { Badge } from "../api/types.gen";
import { formatTick } from "../format/duration";
import type { Row, Tree } from "../model/tree";
import type { Segment } from "../model/criticalPath";
import { partOf, ticksWithin, type Axis } from "../model/waterfall";
import { useMedia } from "../ui/useMedia";
import { BadgeTreeRow, SpanTreeRow } from "./TreeRows";
import { useAxisGestures } from "./useAxisGestures";
import type { Zoom } from "./useZoom";

const ROW = 28;
const AXIS = 28;
/** A tick further right has no room for its words; less so on a phone. */
const LAST_LABEL = 0.9;
const LAST_LABEL_NARROW = 0.6;

interface Props {
  tree: Tree;
  rows: readonly Row[];
  axis: Axis;
  zoom: Zoom;
  path: ReadonlyMap<string, readonly Segment[]> | undefined;
  found: ReadonlySet<string>;
  selected: string | undefined;
  badges: ReadonlyMap<string, Badge> | undefined;
  onOpen: (row: Row) => void;
  onFlip: (row: Row) => void;
}

/** Tree and waterfall: one row a span, on one axis. */
export function TraceTree({ tree, rows, axis: whole, zoom, path, found, selected, badges, onOpen, onFlip }: Props): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    // The axis is inside the scroller, on top of the rows, so that a scroll bar narrows both alike.
    scrollMargin: AXIS,
    scrollPaddingStart: AXIS,
  });
  const at = useMemo(() => rows.findIndex((row) => row.key === selected), [rows, selected]);
  useAxisGestures(scroller, zoom);
  const shownKey = useRef<string>(undefined);
  useEffect(() => {
    // Once for each selection, when its row is there: folding and arriving rows do not scroll.
    if (at < 0 || shownKey.current === selected) return;
    shownKey.current = selected;
    virtual.scrollToIndex(at, { align: "auto" });
  }, [at, selected, virtual]);

  const narrow = useMedia("(max-width: 760px)");
  const axis = useMemo(() => partOf(whole, zoom.window), [whole, zoom.window]);
  const offset = zoom.window.from * whole.lengthNs;
  const ticks = useMemo(() => ticksWithin(offset, offset + axis.lengthNs, narrow ? 2 : 5), [offset, axis.lengthNs, narrow]);
  const shareOf = (tick: number): number => (tick - offset) / axis.lengthNs;
  return (
    <div className="tree">
      <div className="tree-scroll" ref={scroller}>
        <div className="tree-axis tree-grid" aria-hidden="true">
          <span>Step</span>
          <span className="number">Time</span>
          <span className="axis">
            {ticks.map((tick) => (
              <span key={tick} className="tick" style={{ left: `${shareOf(tick) * 100}%` }}>
                {shareOf(tick) < (narrow ? LAST_LABEL_NARROW : LAST_LABEL) && formatTick(tick)}
              </span>
            ))}
          </span>
        </div>
        <div
          className="tree-rows"
          role="treegrid"
          aria-label="Steps"
          aria-rowcount={rows.length}
          aria-readonly="true"
          tabIndex={0}
          aria-activedescendant={at >= 0 ? `row-${selected}` : undefined}
          style={{ height: virtual.getTotalSize() }}
        >
          <div className="tree-lines tree-grid" aria-hidden="true">
            <span />
            <span />
            <span className="axis">
              {ticks.map((tick) => (
                <span key={tick} className="tick-line" style={{ left: `${shareOf(tick) * 100}%` }} />
              ))}
            </span>
          </div>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const shared = {
              axis,
              originNs: whole.startNs,
              path,
              top: item.start - AXIS,
              position: item.index + 1,
              selected: row.key === selected,
              onOpen,
              onFlip,
            };
            return row.type === "badge" ? (
              <BadgeTreeRow key={row.key} row={row} badge={badges?.get(row.step)} found={found} {...shared} />
            ) : (
              <SpanTreeRow key={row.key} row={row} orphan={row.span.is_orphan && !tree.parentOf.has(row.key)} found={found.has(row.key)} {...shared} />
            );
          })}
        </div>
      </div>
    </div>
  );
}
