import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { TraceSummary } from "../api/types.gen";
import { formatCost } from "../format/cost";
import { formatDuration } from "../format/duration";
import { formatTokens, plural } from "../format/numbers";
import { plainLine, visible } from "../format/text";
import { formatTime } from "../format/time";
import type { comparedCounts } from "../model/compare";
import { costDelta, durationDelta, tokensDelta } from "../model/deltas";
import { Icon, Status } from "../ui/Icon";
import { Delta } from "./Delta";

interface Props {
  a: TraceSummary;
  b: TraceSummary;
  counts: ReturnType<typeof comparedCounts>;
  only: boolean;
  onOnly: () => void;
  onSwap: () => void;
  onDrop: (side: "a" | "b") => void;
  onNext: () => void;
}

export function CompareHeader({ a, b, counts, only, onOnly, onSwap, onDrop, onNext }: Props): ReactNode {
  const changes = counts.changed + counts.onlyA + counts.onlyB;
  return (
    <header className="compare-header">
      <Side trace={a} letter="A" onDrop={() => onDrop("a")} />
      <div className="compare-totals" aria-label="Second less first">
        <Delta {...durationDelta(Number(a.duration_ns), Number(b.duration_ns))} />
        <Delta {...tokensDelta(a.usage.total_tokens, b.usage.total_tokens)} />
        <Delta {...costDelta(a.cost.total_usd, b.cost.total_usd)} />
      </div>
      <Side trace={b} letter="B" onDrop={() => onDrop("b")} />
      <div className="compare-tools">
        <span className="muted" role="status">
          {changes === 0 ? "The same steps in both" : `${plural(changes, "difference")}: ${parts(counts)}`}
        </span>
        <button type="button" className="button" disabled={changes === 0} title="Next difference (n)" onClick={onNext}>
          <Icon name="down" /> Next difference
        </button>
        <button type="button" className="button" aria-pressed={only} title="Only what differs (o)" onClick={onOnly}>
          Only differences
        </button>
        <button type="button" className="button" title="Swap the two (x)" onClick={onSwap}>
          <Icon name="again" /> Swap
        </button>
      </div>
    </header>
  );
}

function parts(counts: Props["counts"]): string {
  return [
    counts.changed > 0 ? `${counts.changed} changed` : null,
    counts.onlyA > 0 ? `${counts.onlyA} only in A` : null,
    counts.onlyB > 0 ? `${counts.onlyB} only in B` : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

function Side({ trace, letter, onDrop }: { trace: TraceSummary; letter: "A" | "B"; onDrop: () => void }): ReactNode {
  return (
    <section className="compare-side" aria-label={`Trace ${letter}`}>
      <div className="compare-title">
        <span className="compare-letter" aria-hidden="true">
          {letter}
        </span>
        <h1 className="cut" dir="auto">
          <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }}>
            {plainLine(trace.input, 200) || visible(trace.name)}
          </Link>
        </h1>
        <button type="button" className="button-quiet" aria-label={`Choose another trace as ${letter}`} title="Choose another trace" onClick={onDrop}>
          <Icon name="close" />
        </button>
      </div>
      <p className="cut muted" dir="auto">
        {plainLine(trace.output, 300) || "no answer"}
      </p>
      <p className="compare-figures">
        <Status status={trace.status} />
        <b>{formatDuration(trace.duration_ns)}</b>
        <span>{formatTokens(trace.usage.total_tokens)}</span>
        <span>{formatCost(trace.cost.total_usd)}</span>
        <span className="muted cut">
          {plural(trace.span_count, "span")} · {visible(trace.models.join(", ").slice(0, 80))}
        </span>
        <time className="muted">{formatTime(trace.start_time_unix_nano)}</time>
      </p>
    </section>
  );
}
