import type { ReactNode } from "react";
import type { Span } from "../api/types.gen";
import { formatCost } from "../format/cost";
import { formatDuration } from "../format/duration";
import { formatCount } from "../format/numbers";
import { oneLine, visible } from "../format/text";
import { nsBetween } from "../format/time";
import { modelBeside } from "../model/modelBeside";
import { Copy } from "../ui/Copy";
import { KindIcon, Status } from "../ui/Icon";
import { Took } from "../ui/Took";
import { Annotations } from "./Annotations";
import { PanelClose } from "./PanelClose";

interface Props {
  span: Span;
  /** Start of the trace's axis. */
  startNs: string;
  onRules: () => void;
  onSelect: (spanId: string) => void;
  onClose: (() => void) | undefined;
}

export function SpanHeader({ span, startNs, onRules, onSelect, onClose }: Props): ReactNode {
  const model = modelBeside(span);
  const error = [span.error?.type, span.error?.message].filter(Boolean).join(": ");
  return (
    <header className={`panel-header kind-bar kind-${span.kind}`}>
      <div className="panel-title">
        <KindIcon kind={span.kind} />
        <h2 title={visible(span.name.slice(0, 1000))}>{visible(span.name.slice(0, 300))}</h2>
        {model && <span className="muted model">{visible(model.slice(0, 120))}</span>}
        <span className="panel-status">
          <Status status={span.status} />
          <b className="number">
            <Took start={span.start_time_unix_nano} duration={span.duration_ns} running={span.duration_ns === null} />
          </b>
          {span.time_to_first_token_ns !== null && (
            <span className="muted" title="Time to first token">
              ttft {formatDuration(span.time_to_first_token_ns)}
            </span>
          )}
        </span>
        <Copy text={span.span_id} label={`Copy the span id ${span.span_id}`} />
        <PanelClose onClose={onClose} />
      </div>
      <p className="panel-figures">{figures(span, startNs).join(" · ")}</p>
      {(span.folded_into !== null || span.slow) && <FoldLine span={span} onRules={onRules} onSelect={onSelect} />}
      <Annotations key={span.span_id} traceId={span.trace_id} spanId={span.span_id} annotations={span.annotations} />
      {error && (
        <p className="panel-error" dir="auto">
          {oneLine(error, 2000)}
        </p>
      )}
    </header>
  );
}

/** Why it stands in a badge, or in spite of its rule does not. */
function FoldLine({ span, onRules, onSelect }: Pick<Props, "span" | "onRules" | "onSelect">): ReactNode {
  const { folded_into: step, fold_rule: rule } = span;
  return (
    <p className="panel-figures" data-testid="fold-reason">
      {step !== null ? (
        <>
          Folded by the rule{" "}
          <button type="button" className="button-text" onClick={onRules}>
            {visible(rule ?? "")}
          </button>{" "}
          <button type="button" className="button-text" onClick={() => onSelect(step)}>
            To its step
          </button>
        </>
      ) : (
        <>
          Slow: it takes too long for the rule{" "}
          <button type="button" className="button-text" onClick={onRules}>
            {visible(rule ?? "")}
          </button>{" "}
          to fold it
        </>
      )}
    </p>
  );
}

/** `llm · qa · at +4.0 ms · 1,312 in (1,024 cached) · 186 out · $0.0003 · stop`. */
function figures(span: Span, startNs: string): string[] {
  const parts = [span.kind as string, visible(span.service.slice(0, 60))];
  const offset = nsBetween(startNs, span.start_time_unix_nano);
  if (offset > 0) parts.push(`at +${formatDuration(offset)}`);
  if (span.provider) parts.push(visible(span.provider.slice(0, 60)));
  const { usage } = span;
  if (usage && usage.input_tokens !== null) {
    const cached = usage.cache_read_tokens ? ` (${formatCount(usage.cache_read_tokens)} cached)` : "";
    parts.push(`${formatCount(usage.input_tokens)} in${cached}`);
  }
  if (usage && usage.output_tokens !== null) {
    const reasoning = usage.reasoning_tokens ? ` (${formatCount(usage.reasoning_tokens)} reasoning)` : "";
    parts.push(`${formatCount(usage.output_tokens)} out${reasoning}`);
  }
  if (span.counted) parts.push(span.cost?.total_usd ? formatCost(span.cost.total_usd) : "unpriced");
  if (span.finish_reasons.length > 0) parts.push(visible(span.finish_reasons.join(", ").slice(0, 80)));
  if (span.sources.includes("langsmith")) parts.push(span.sources.length > 1 ? "told over OTLP and by LangSmith" : "told by LangSmith");
  if (span.not_counted_because) parts.push(span.not_counted_because.replace(/\.$/, ""));
  return parts;
}
