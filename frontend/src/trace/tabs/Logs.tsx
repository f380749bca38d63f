import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { queries } from "../../api/queries";
import type { LogRecord, Span } from "../../api/types.gen";
import { formatCount } from "../../format/numbers";
import { asText, oneLine } from "../../format/text";
import { formatExactTime } from "../../format/time";
import { Failure, Skeleton } from "../../ui/Notice";
import { JsonTree } from "../../ui/JsonTree";

/** The log lines written during this span, or during the whole trace. */
export function Logs({ span, onSelect }: { span: Span; onSelect: (spanId: string) => void }): ReactNode {
  const [wide, setWide] = useState(false);
  const all = useQuery(queries.logs(span.trace_id));
  // Only where one answer does not hold the whole trace's logs is this span asked for by itself.
  const cut = all.data?.next_cursor != null;
  const own = useQuery({ ...queries.logs(span.trace_id, span.span_id), enabled: cut && !wide });
  const logs = wide ? all.data?.logs : cut ? own.data?.logs : all.data?.logs.filter((log) => log.span_id === span.span_id);
  const error = all.error ?? own.error;
  if (error) return <Failure error={error} onRetry={() => void all.refetch()} />;
  if (!logs) return <Skeleton rows={4} />;
  const inOrder = [...logs].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  return (
    <>
      <div className="segments" role="group" aria-label="Whose logs">
        <button type="button" aria-pressed={!wide} onClick={() => setWide(false)}>
          This span
        </button>
        <button type="button" aria-pressed={wide} onClick={() => setWide(true)}>
          Whole trace {all.data ? `${formatCount(all.data.logs.length)}${cut ? "+" : ""}` : ""}
        </button>
        <Link to="/logs" search={{ q: wide ? `trace:${span.trace_id}` : `trace:${span.trace_id} span:${span.span_id}` }} className="button-quiet">
          In all logs
        </Link>
      </div>
      {inOrder.length === 0 && <p className="muted">{wide ? "No logs came with this trace." : "No logs came with this span."}</p>}
      <ol className="logs">
        {inOrder.map((log, index) => (
          <LogLine key={index} log={log} onSelect={wide ? onSelect : undefined} />
        ))}
      </ol>
    </>
  );
}

function LogLine({ log, onSelect }: { log: LogRecord; onSelect: ((spanId: string) => void) | undefined }): ReactNode {
  const severity = severityOf(log.severity_number);
  const text = oneLine(typeof log.body === "string" ? log.body : asText(log.body), 600) || log.event_name;
  const spanId = log.span_id;
  return (
    <li className={`log severity-${severity}`}>
      <details>
        <summary>
          <span className="mono muted">{formatExactTime(timeOf(log)).slice(11, 23)}</span>
          <span className="log-severity">{log.severity_text || severity}</span>
          <span className="log-text" dir="auto">
            {text}
          </span>
        </summary>
        {typeof log.body === "object" && log.body !== null && <JsonTree value={log.body} />}
        <JsonTree value={{ ...log.attributes, "scope.name": log.scope.name, "service.name": log.service }} />
        {onSelect && spanId && (
          <button type="button" className="button-text" onClick={() => onSelect(spanId)}>
            To its span
          </button>
        )}
      </details>
    </li>
  );
}

/** A record without its own time has the time at which it was observed. */
function timeOf(log: LogRecord): string {
  const time = log.time_unix_nano === "0" ? log.observed_time_unix_nano : log.time_unix_nano;
  return time.padStart(20, "0");
}

/** OpenTelemetry's severity numbers: four to a level. */
function severityOf(number: number): "trace" | "debug" | "info" | "warn" | "error" {
  if (number >= 17) return "error";
  if (number >= 13) return "warn";
  if (number >= 9 || number === 0) return "info";
  return number >= 5 ? "debug" : "trace";
}
