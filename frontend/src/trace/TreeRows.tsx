import { memo, useMemo, type ReactNode } from "react";
import type { Badge } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { nsBetween } from "../format/time";
import { visible } from "../format/text";
import type { Segment } from "../model/criticalPath";
import { foldFigures, foldTitle, summarizeFold } from "../model/folds";
import { modelBeside } from "../model/modelBeside";
import { shortName } from "../model/name";
import type { BadgeRow, Row, SpanRow } from "../model/tree";
import { barIn, firstTokenAt, joinedBars, type Axis } from "../model/waterfall";
import { Icon, KindIcon, Status } from "../ui/Icon";
import { Took } from "../ui/Took";

/** Deeper levels stop moving right, so that a name keeps its room. */
const MOST_INDENT = 16;
const INDENT = 14;
/** A badge of thousands of spans draws no more of the critical path than can be told apart. */
const MOST_MARKS = 200;

interface Shared {
  axis: Axis;
  /** Where the times of the critical path count from. */
  originNs: string;
  path: ReadonlyMap<string, readonly Segment[]> | undefined;
  top: number;
  position: number;
  selected: boolean;
  onOpen: (row: Row) => void;
  onFlip: (row: Row) => void;
}

export const SpanTreeRow = memo(function SpanTreeRow(props: Shared & { row: SpanRow; orphan: boolean; found: boolean }): ReactNode {
  const { row, axis, orphan, path, originNs, found } = props;
  const { span } = row;
  const model = modelBeside(span);
  const bar = barIn(span, axis);
  const token = firstTokenAt(span, axis);
  return (
    <Line {...props} testId="span-row" failed={span.status === "error"} found={found} onPath={path?.has(span.span_id)}>
      <div role="gridcell" className="tree-name" style={{ paddingLeft: indent(row.depth) }}>
        <Twist {...props} />
        <KindIcon kind={span.kind} />
        <span className="name" title={visible(span.name.slice(0, 1000))}>
          {visible(shortName(span).slice(0, 300))}
        </span>
        {model && <span className="muted model">{visible(model.slice(0, 100))}</span>}
        {orphan && (
          <span className="tag" title={`Its parent ${span.parent_span_id ?? ""} has not arrived.`}>
            parent missing
          </span>
        )}
        {span.slow && (
          <span className="tag slow" title="It would fold, but takes too long for its rule">
            slow
          </span>
        )}
        {(span.status === "error" || span.status === "running") && <Status status={span.status} quiet={span.status === "error"} />}
      </div>
      <div role="gridcell" className="number tree-time">
        <Took start={span.start_time_unix_nano} duration={span.duration_ns} running={span.duration_ns === null} />
      </div>
      <div role="gridcell" className="axis" aria-hidden="true">
        {bar && (
        <span
          className={`bar-mark kind-${span.kind} ${span.status === "error" ? "failed" : ""} ${span.duration_ns === null ? "open-end" : ""}`}
          style={{ left: `${bar.left * 100}%`, width: `max(2px, ${bar.width * 100}%)` }}
        />
        )}
        {path?.get(span.span_id)?.map((part) => <PathMark key={part.from} part={part} axis={axis} originNs={originNs} />)}
        {token !== null && (
          <span
            className="first-token"
            title={`First token after ${formatDuration(span.time_to_first_token_ns)}`}
            style={{ left: `${token * 100}%` }}
          />
        )}
      </div>
    </Line>
  );
});

export const BadgeTreeRow = memo(function BadgeTreeRow(
  props: Shared & { row: BadgeRow; badge: Badge | undefined; found: ReadonlySet<string> },
): ReactNode {
  const { row, axis, badge, path, originNs, found } = props;
  const fold = useMemo(() => summarizeFold(row.spans, badge), [row.spans, badge]);
  const waited = useMemo(() => (path ? row.spans.flatMap((span) => path.get(span.span_id) ?? []) : []), [row.spans, path]);
  const holds = useMemo(() => found.size > 0 && row.spans.some((span) => found.has(span.span_id)), [row.spans, found]);
  const bars = useMemo(() => joinedBars(row.spans, axis), [row.spans, axis]);
  const title = visible(foldTitle(fold).slice(0, 200));
  const figures = foldFigures(fold);
  return (
    <Line {...props} testId="fold-badge" failed={fold.errors > 0} found={holds} onPath={waited.length > 0}>
      <div role="gridcell" className="tree-name badge-cell" style={{ paddingLeft: indent(row.depth) }} title={`${title} · ${figures}`}>
        <Twist {...props} />
        <span className="badge">
          <Icon name="fold" />
          <span className="badge-title">{title}</span>
        </span>
        <span className="muted badge-figures">{figures}</span>
      </div>
      <div role="gridcell" className="axis" aria-hidden="true">
        {bars.map((bar) => (
          <span key={bar.left} className="bar-mark thin" style={{ left: `${bar.left * 100}%`, width: `max(2px, ${bar.width * 100}%)` }} />
        ))}
        {waited.slice(0, MOST_MARKS).map((part) => (
          <PathMark key={part.from} part={part} axis={axis} originNs={originNs} />
        ))}
      </div>
    </Line>
  );
});

/** A stretch that the trace waited for. */
function PathMark({ part, axis, originNs }: { part: Segment; axis: Axis; originNs: string }): ReactNode {
  const shift = nsBetween(originNs, axis.startNs);
  const left = Math.max(0, (part.from - shift) / axis.lengthNs);
  const right = Math.min(1, (part.to - shift) / axis.lengthNs);
  if (right <= 0 || left >= 1) return null;
  return <span className="path-mark" data-testid="path-mark" style={{ left: `${left * 100}%`, width: `max(2px, ${(right - left) * 100}%)` }} />;
}

interface LineProps extends Shared {
  row: Row;
  testId: string;
  failed: boolean;
  found?: boolean;
  onPath?: boolean | undefined;
  children: ReactNode;
}

function Line({ row, top, position, selected, testId, failed, found, onPath, onOpen, children }: LineProps): ReactNode {
  return (
    <div
      role="row"
      id={`row-${row.key}`}
      className="tree-row tree-grid"
      data-testid={testId}
      data-failed={failed}
      data-found={found}
      data-path={onPath}
      aria-level={row.depth + 1}
      aria-rowindex={position}
      aria-selected={selected}
      aria-expanded={row.expandable ? row.open : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row)}
    >
      {children}
    </div>
  );
}

function Twist({ row, onFlip }: { row: Row; onFlip: (row: Row) => void }): ReactNode {
  if (!row.expandable) return <span className="twist" />;
  return (
    <button
      type="button"
      className="twist"
      tabIndex={-1}
      aria-label={row.open ? "Fold" : "Unfold"}
      onClick={(event) => {
        event.stopPropagation();
        onFlip(row);
      }}
    >
      <Icon name="chevron" className={row.open ? "turned" : ""} />
    </button>
  );
}

function indent(depth: number): number {
  return 8 + Math.min(depth, MOST_INDENT) * INDENT;
}
