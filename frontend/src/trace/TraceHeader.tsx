import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { LightTrace } from "../model/lightTree";
import { costNote, formatCost } from "../format/cost";
import { formatCount, formatTokens, plural } from "../format/numbers";
import { oneLine, plainLine, visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { shortName } from "../model/name";
import { failures, type View } from "../model/tree";
import { listSearch } from "../traces/lastList";
import { Copy } from "../ui/Copy";
import { ExportMenu } from "../ui/ExportMenu";
import { Icon, Status } from "../ui/Icon";
import { Took } from "../ui/Took";
import { KeepButtons } from "./KeepButtons";
import { Annotations } from "./Annotations";

/** The ways to look at a trace, in the order of their buttons. */
export type ShownView = View | "lens";

const VIEWS: readonly { view: ShownView; label: string; title: string }[] = [
  { view: "story", label: "Story", title: "Infrastructure folded into badges" },
  { view: "all", label: "All spans", title: "Every span as it was sent" },
  { view: "lens", label: "SQL lens", title: "Questions and their SQL (q)" },
];

/** Without a call of a model there is no question to look at. */
export function viewsOf(calls: number): readonly { view: ShownView; label: string; title: string }[] {
  return calls > 0 ? VIEWS : VIEWS.filter((one) => one.view !== "lens");
}

interface Props {
  detail: LightTrace;
  view: ShownView;
  newer: string | undefined;
  older: string | undefined;
  onView: (view: ShownView) => void;
  onSelect: (spanId: string) => void;
  onGoTo: (traceId: string | undefined) => void;
}

/** Characters that may not fit on the title's line. */
const LONG = 70;

export function TraceHeader({ detail, view, newer, older, onView, onSelect, onGoTo }: Props): ReactNode {
  const { trace } = detail;
  const [whole, setWhole] = useState(false);
  const question = plainLine(trace.input, whole ? 4000 : 300) || visible(trace.name);
  const answer = plainLine(trace.output, whole ? 4000 : 300);
  return (
    <header className="trace-header" data-whole={whole}>
      <div className="trace-nav">
        <Link to="/" search={listSearch} className="crumb">
          <Icon name="back" /> Traces
        </Link>
        {(newer ?? older) !== undefined && (
          <span className="pager">
            <button type="button" className="button-quiet" disabled={!newer} title="Previous trace of the list ([)" aria-label="Previous trace of the list" onClick={() => onGoTo(newer)}>
              <Icon name="up" />
            </button>
            <button type="button" className="button-quiet" disabled={!older} title="Next trace of the list (])" aria-label="Next trace of the list" onClick={() => onGoTo(older)}>
              <Icon name="down" />
            </button>
          </span>
        )}
        <span className="muted cut">
          {visible(trace.name)} · {visible(trace.service)}
        </span>
        <time className="muted" title={formatExactTime(trace.start_time_unix_nano)}>
          {formatTime(trace.start_time_unix_nano)}
        </time>
        <span className="trace-id">
          <code title={trace.trace_id}>{trace.trace_id.slice(0, 8)}</code>
          <Copy text={trace.trace_id} label="Copy the trace id" />
        </span>
        <span className="trace-said">
          <Annotations traceId={trace.trace_id} spanId={null} annotations={detail.annotations} />
          <KeepButtons traceId={trace.trace_id} />
          <ExportMenu path={`/traces/${trace.trace_id}/export`} />
        </span>
      </div>
      <div className="trace-title">
        <Status status={trace.status} quiet={trace.status === "ok" || trace.status === "unset"} />
        <h1 dir="auto">{question}</h1>
        {(question.length > LONG || answer.length > 2 * LONG) && (
          <button
            type="button"
            className="button-quiet"
            aria-expanded={whole}
            aria-label="Show the whole question and answer"
            title="Show the whole question and answer"
            onClick={() => setWhole(!whole)}
          >
            <Icon name={whole ? "up" : "down"} />
          </button>
        )}
        <Totals detail={detail} onSelect={onSelect} />
      </div>
      <div className="trace-outcome">
        {trace.status === "error" || trace.error_count > 0 ? <FirstFailure detail={detail} onSelect={onSelect} /> : null}
        {answer && trace.status !== "error" && (
          <p className="cut answer-line" dir="auto">
            <span className="muted">{trace.status === "running" ? "now" : "answer"}</span> {answer}
          </p>
        )}
        {!answer && !trace.input && trace.llm_call_count > 0 && <p className="muted">Content was not captured.</p>}
        <div className="segments" role="group" aria-label="View">
          {viewsOf(trace.llm_call_count).map((one) => (
            <button key={one.view} type="button" aria-pressed={view === one.view} title={one.title} onClick={() => onView(one.view)}>
              {one.label}
            </button>
          ))}
        </div>
        <Link to="/compare" search={{ a: trace.trace_id }} className="button" title="Beside another trace">
          <Icon name="compare" /> Compare
        </Link>
      </div>
    </header>
  );
}

function Totals({ detail, onSelect }: { detail: LightTrace; onSelect: (spanId: string) => void }): ReactNode {
  const { trace, spans } = detail;
  const root = spans[0];
  const { usage, cost } = trace;
  return (
    <dl className="totals">
      <Figure name="Duration" value={<Took start={trace.start_time_unix_nano} duration={trace.duration_ns} running={trace.status === "running"} />} />
      <Figure
        name="Tokens"
        value={trace.llm_call_count > 0 || (usage.total_tokens ?? 0) > 0 ? formatTokens(usage.total_tokens) : "– tok"}
        title={`${formatCount(usage.input_tokens ?? 0)} in (${formatCount(usage.cache_read_tokens ?? 0)} cached), ${formatCount(usage.output_tokens ?? 0)} out`}
      />
      <Figure name="Cost" value={formatCost(cost.total_usd)} title={costNote(cost) ?? undefined} />
      {trace.llm_call_count > 0 && <Figure name="LLM calls" value={plural(trace.llm_call_count, "LLM call")} />}
      <div>
        <dt className="hidden-text">Spans</dt>
        <dd>
          <button type="button" className="button-text" onClick={() => root && onSelect(root.span_id)} title="Select the first span">
            {plural(trace.span_count, "span")}
          </button>
        </dd>
      </div>
    </dl>
  );
}

function Figure({ name, value, title }: { name: string; value: ReactNode; title?: string | undefined }): ReactNode {
  return (
    <div title={title}>
      <dt className="hidden-text">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Where it went wrong, in words; pressing it leads there. */
function FirstFailure({ detail, onSelect }: { detail: LightTrace; onSelect: (spanId: string) => void }): ReactNode {
  const failing = failures(detail.spans);
  const first = failing[0];
  if (!first) return <p className="error-text cut">{oneLine(detail.trace.output) || "failed"}</p>;
  const { type, message } = first.error ?? { type: null, message: null };
  const text = [type, message].filter(Boolean).join(": ") || oneLine(detail.trace.output) || "failed without a message";
  return (
    <button type="button" className="first-failure" title={visible(text.slice(0, 1000))} onClick={() => onSelect(first.span_id)}>
      <Icon name="error" />
      <span className="cut">
        <b>{visible(shortName(first).slice(0, 80))}</b> {oneLine(text)}
      </span>
      {failing.length > 1 && <span className="muted">and {formatCount(failing.length - 1)} more (e)</span>}
    </button>
  );
}
