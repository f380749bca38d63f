import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { Span, TraceSummary } from "../api/types.gen";
import { visible } from "../format/text";
import { textsOf } from "../model/pairTexts";
import type { Row, Step } from "../model/compare";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { TextDiff } from "../ui/TextDiff";

interface Props {
  row: Row;
  a: TraceSummary;
  b: TraceSummary;
  onClose: () => void;
}

/** What went into a pair of steps and what came out, word by word. */
export function PairPanel({ row, a, b, onClose }: Props): ReactNode {
  const first = useSpan(a.trace_id, row.a);
  const second = useSpan(b.trace_id, row.b);
  const step = row.b ?? row.a;
  const error = first.error ?? second.error;
  return (
    <section className="pair-panel" aria-label="Selected pair" data-testid="pair-panel">
      <header>
        <h2 className="cut">{visible(step?.name.slice(0, 200) ?? "")}</h2>
        <OpenSpan letter="A" traceId={a.trace_id} step={row.a} />
        <OpenSpan letter="B" traceId={b.trace_id} step={row.b} />
        <button type="button" className="button-quiet" aria-label="Close (Escape)" title="Close (esc)" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="pair-body" tabIndex={0} role="region" aria-label="Texts of both">
        {error ? (
          <Failure error={error} />
        ) : (row.a && !first.data) || (row.b && !second.data) ? (
          <Skeleton rows={6} />
        ) : (
          <Texts a={row.a ? first.data : undefined} b={row.b ? second.data : undefined} stepA={row.a} stepB={row.b} />
        )}
      </div>
    </section>
  );
}

function useSpan(traceId: string, step: Step | null) {
  return useQuery({ ...queries.span(traceId, step?.span.span_id ?? ""), enabled: step !== null });
}

function OpenSpan({ letter, traceId, step }: { letter: string; traceId: string; step: Step | null }): ReactNode {
  if (!step) return <span className="muted">not in {letter}</span>;
  return (
    <Link className="button" to="/traces/$traceId" params={{ traceId }} search={{ span: step.id }}>
      Open in {letter}
    </Link>
  );
}

function Texts({ a, b, stepA, stepB }: { a: Span | undefined; b: Span | undefined; stepA: Step | null; stepB: Step | null }): ReactNode {
  const texts = useMemo(() => textsOf(a, b, stepA?.folded ?? [], stepB?.folded ?? []), [a, b, stepA, stepB]);
  if (texts.length === 0) return <p className="muted">Neither side has a text: no content was captured here.</p>;
  return (
    <>
      {texts.map((text) => (
        <section key={text.title} className="pair-text">
          <h3>{text.title}</h3>
          <TextDiff before={text.a} after={text.b} names={[`${text.title} of A`, `${text.title} of B`]} />
        </section>
      ))}
    </>
  );
}
