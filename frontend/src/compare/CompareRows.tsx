import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type CSSProperties, type ReactNode } from "react";
import { formatCost } from "../format/cost";
import { formatDuration } from "../format/duration";
import { formatTokens, plural } from "../format/numbers";
import { visible } from "../format/text";
import { differenceOf, type Difference, type Row, type Step } from "../model/compare";
import { costDelta, durationDelta, tokensDelta } from "../model/deltas";
import { useMedia } from "../ui/useMedia";
import { Icon, KindIcon } from "../ui/Icon";
import { Delta } from "./Delta";

const ROW = 34;
const PHONE_ROW = 64;
const HEAD = 28;
const INDENT = 14;
/** Deeper than this, steps are not set in any further: there is no room. */
const MAX_DEPTH = 8;

const WORDS: Record<Exclude<Difference, null>, string> = {
  "only-a": "only in A",
  "only-b": "only in B",
  status: "status",
  name: "changed",
  tokens: "tokens",
  slower: "duration",
};

interface Props {
  rows: readonly Row[];
  marked: number;
  onMark: (index: number) => void;
}

/** The pairs of steps: first at the left, second at the right, what differs between them. */
export function CompareRows({ rows, marked, onMark }: Props): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const phone = useMedia("(max-width: 760px)");
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? PHONE_ROW : ROW),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    scrollMargin: HEAD,
    scrollPaddingStart: HEAD,
  });
  useEffect(() => virtual.measure(), [phone, virtual]);
  useEffect(() => {
    if (marked >= 0) virtual.scrollToIndex(marked, { align: "auto" });
  }, [marked, virtual]);
  return (
    <div className="compare-scroll" ref={scroller}>
      <div className="compare-head compare-grid" aria-hidden="true">
        <span>A</span>
        <span className="compare-middle">B less A</span>
        <span>B</span>
      </div>
      {rows.length === 0 && <p className="muted compare-none">No step differs.</p>}
      <div
        className="compare-rows"
        role="listbox"
        aria-label="Steps of both traces"
        tabIndex={0}
        aria-activedescendant={marked >= 0 ? `pair-${marked}` : undefined}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row && <PairRow key={item.key} row={row} index={item.index} top={item.start - HEAD} total={rows.length} selected={item.index === marked} onMark={onMark} />;
        })}
      </div>
    </div>
  );
}

interface PairProps {
  row: Row;
  index: number;
  total: number;
  top: number;
  selected: boolean;
  onMark: (index: number) => void;
}

function PairRow({ row, index, total, top, selected, onMark }: PairProps): ReactNode {
  const difference = differenceOf(row);
  return (
    <div
      id={`pair-${index}`}
      className="compare-row compare-grid"
      role="option"
      aria-selected={selected}
      aria-posinset={index + 1}
      aria-setsize={total}
      data-difference={difference ?? "none"}
      data-testid="pair"
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onMark(index)}
    >
      <StepCell step={row.a} />
      <span className="compare-middle">
        {difference !== null && <span className={`compare-tag difference-${difference}`}>{WORDS[difference]}</span>}
        {row.a && row.b && <Deltas a={row.a} b={row.b} />}
      </span>
      <StepCell step={row.b} />
    </div>
  );
}

function Deltas({ a, b }: { a: Step; b: Step }): ReactNode {
  const tokens = a.tokens !== null && b.tokens !== null;
  const priced = a.costUsd !== null && b.costUsd !== null;
  return (
    <>
      <Delta {...durationDelta(a.durationNs, b.durationNs)} />
      {tokens && <Delta {...tokensDelta(a.tokens, b.tokens)} />}
      {priced && <Delta {...costDelta(a.costUsd, b.costUsd)} />}
    </>
  );
}

function StepCell({ step }: { step: Step | null }): ReactNode {
  if (!step) return <span className="compare-gap" aria-label="nothing" />;
  const badge = step.folded.length > 0;
  return (
    <span className="compare-step" data-failed={step.status === "error"} style={{ paddingInlineStart: INDENT * Math.min(MAX_DEPTH, step.depth) } as CSSProperties}>
      {badge ? <Icon name="fold" /> : <KindIcon kind={step.span.kind} />}
      <span className="cut name">
        {badge && <b>{plural(step.folded.length, "span")} </b>}
        {visible(step.name.slice(0, 200))}
      </span>
      {step.status === "error" && <Icon name="error" className="status-error" />}
      {step.tokens !== null && <span className="muted number compare-extra">{formatTokens(step.tokens)}</span>}
      {step.costUsd !== null && <span className="muted number compare-extra">{formatCost(step.costUsd)}</span>}
      <span className="number">{step.status === "running" ? "runs" : formatDuration(step.durationNs)}</span>
    </span>
  );
}
