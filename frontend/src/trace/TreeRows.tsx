import { memo, useMemo, type ReactNode } from "react";
import type { Span } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { visible } from "../format/text";
import { foldFigures, foldTitle, summarizeFold } from "../model/folds";
import { modelBeside } from "../model/modelBeside";
import { shortName } from "../model/name";
import type { BadgeRow, Row, SpanRow } from "../model/tree";
import { barOf, firstTokenAt, joinedBars, type Axis } from "../model/waterfall";
import { Icon, KindIcon, Status } from "../ui/Icon";

/** Deeper levels stop moving right, so that a name keeps its room. */
const MOST_INDENT = 16;
const INDENT = 14;

interface Shared {
  axis: Axis;
  top: number;
  position: number;
  selected: boolean;
  onOpen: (row: Row) => void;
  onFlip: (row: Row) => void;
}

export const SpanTreeRow = memo(function SpanTreeRow(props: Shared & { row: SpanRow; orphan: boolean }): ReactNode {
  const { row, axis, orphan } = props;
  const { span } = row;
  const model = modelBeside(span);
  const bar = barOf(span, axis);
  const token = firstTokenAt(span, axis);
  return (
    <Line {...props} testId="span-row" failed={span.status === "error"}>
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
        {(span.status === "error" || span.status === "running") && <Status status={span.status} quiet={span.status === "error"} />}
      </div>
      <div role="gridcell" className="number tree-time">
        {span.duration_ns === null ? "…" : formatDuration(span.duration_ns)}
      </div>
      <div role="gridcell" className="axis" aria-hidden="true">
        <span
          className={`bar-mark kind-${span.kind} ${span.status === "error" ? "failed" : ""} ${span.duration_ns === null ? "open-end" : ""}`}
          style={{ left: `${bar.left * 100}%`, width: `max(2px, ${bar.width * 100}%)` }}
        />
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
  props: Shared & { row: BadgeRow; whole: ReadonlyMap<string, Span> | undefined },
): ReactNode {
  const { row, axis, whole } = props;
  const fold = useMemo(() => summarizeFold(row.spans, whole), [row.spans, whole]);
  const bars = useMemo(() => joinedBars(row.spans, axis), [row.spans, axis]);
  const title = visible(foldTitle(fold).slice(0, 200));
  const figures = foldFigures(fold);
  return (
    <Line {...props} testId="fold-badge" failed={fold.errors > 0}>
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
      </div>
    </Line>
  );
});

interface LineProps extends Shared {
  row: Row;
  testId: string;
  failed: boolean;
  children: ReactNode;
}

function Line({ row, top, position, selected, testId, failed, onOpen, children }: LineProps): ReactNode {
  return (
    <div
      role="row"
      id={`row-${row.key}`}
      className="tree-row tree-grid"
      data-testid={testId}
      data-failed={failed}
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
