import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { TraceSummary } from "../api/types.gen";
import { costNote, formatCost } from "../format/cost";
import { formatCount, formatTokens, plural, shortTokens } from "../format/numbers";
import { plainLine, visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { Icon, Status } from "../ui/Icon";
import { Took } from "../ui/Took";
import { SaidChips } from "./SaidChips";

interface Props {
  trace: TraceSummary;
  top: number;
  height: number;
  position: number;
  /** -1 while more are to come. */
  total: number;
  marked: boolean;
  picked: boolean;
  onMark: (traceId: string) => void;
  onPick: (traceId: string) => void;
}

/** Two lines: what was asked and what came of it; the figures beside them. */
export const TraceRow = memo(function TraceRow({ trace, top, height, position, total, marked, picked, onMark, onPick }: Props): ReactNode {
  const { usage, cost } = trace;
  const cached = usage.cache_read_tokens ?? 0;
  const note = costNote(cost);
  return (
    <li
      className="trace-row"
      style={{ transform: `translateY(${top}px)`, height }}
      aria-posinset={position}
      aria-setsize={total}
      data-testid="trace-row"
      data-picked={picked}
    >
      <Link
        to="/traces/$traceId"
        params={{ traceId: trace.trace_id }}
        search={{}}
        className="trace-link trace-grid"
        aria-current={marked ? "true" : undefined}
        onFocus={(event) => {
          if (event.currentTarget.matches(":focus-visible")) onMark(trace.trace_id);
        }}
      >
        <Status status={trace.status} quiet />
        <span className="trace-words">
          <span className="question" dir="auto">
            {plainLine(trace.input) || visible(trace.name)}
          </span>
          <span className={`answer ${trace.status === "error" ? "error-text" : "muted"}`} dir="auto">
            <SaidChips traceId={trace.trace_id} />
            <SecondLine trace={trace} />
          </span>
        </span>
        <span className="trace-where">
          <span className="cut">{visible(trace.name)}</span>
          <span className="cut muted">{[trace.service, ...trace.models].map(visible).join(" · ")}</span>
        </span>
        <span className="number cell-latency">
          <Took start={trace.start_time_unix_nano} duration={trace.duration_ns} running={trace.status === "running"} />
        </span>
        <span className="number cell-tokens" title={(usage.total_tokens ?? 0) >= 1e7 ? formatTokens(usage.total_tokens) : undefined}>
          <span>{trace.llm_call_count > 0 || (usage.total_tokens ?? 0) > 0 ? shortTokens(usage.total_tokens) : "–"}</span>
          {cached > 0 && <span className="muted second">{shortTokens(cached).replace(/ tok$/, "")} cached</span>}
        </span>
        <span className="number cell-cost" title={note ?? undefined}>
          <span>{formatCost(cost.total_usd)}</span>
          {cost.unpriced_calls > 0 && <span className="muted second">{formatCount(cost.unpriced_calls)} unpriced</span>}
        </span>
        <span className="number cell-steps">
          <span>{trace.llm_call_count > 0 ? `${formatCount(trace.llm_call_count)} LLM` : ""}</span>
          <span className="muted second">
            {trace.error_count > 0 && (
              <span className="error-text" title={plural(trace.error_count, "failing span")}>
                <Icon name="error" />
                {formatCount(trace.error_count)}{" "}
              </span>
            )}
            {plural(trace.span_count, "span")}
          </span>
        </span>
        <time className="number cell-time muted" title={formatExactTime(trace.start_time_unix_nano)}>
          {formatTime(trace.start_time_unix_nano)}
        </time>
      </Link>
      <button
        type="button"
        className="button-quiet pick"
        tabIndex={-1}
        aria-pressed={picked}
        aria-label={picked ? "Do not compare it" : "Select to compare"}
        title={picked ? "Do not compare it (x)" : "Select to compare (x)"}
        onClick={() => onPick(trace.trace_id)}
      >
        <Icon name="compare" />
      </button>
    </li>
  );
});

function SecondLine({ trace }: { trace: TraceSummary }): ReactNode {
  if (trace.status === "running") {
    return (
      <>
        <span className="status-running">running</span> {plainLine(trace.output)}
      </>
    );
  }
  const line = plainLine(trace.output);
  if (trace.status === "error") return line || "failed";
  if (line) return line;
  return trace.llm_call_count > 0 && !trace.input ? "content was not captured" : "";
}
