import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { LogRecord } from "../api/types.gen";
import { hasAnsi, withoutAnsi } from "../format/ansi";
import { asText, openJson, visible } from "../format/text";
import { formatExactTime } from "../format/time";
import type { Exception } from "../model/logs";
import { Copy } from "../ui/Copy";
import { JsonTree, PlainText } from "../ui/JsonTree";

interface Props {
  log: LogRecord;
  raised: Exception | null;
  onFilter: (term: string) => void;
}

/** Everything of a record: its message whole, what was raised, and every field it came with. */
export function LogDetails({ log, raised, onFilter }: Props): ReactNode {
  return (
    <div className="log-details">
      <div className="log-actions">
        {log.trace_id && (
          <>
            <Link to="/traces/$traceId" params={{ traceId: log.trace_id }} search={log.span_id ? { span: log.span_id, tab: "logs" } : {}} className="button">
              Open its {log.span_id ? "span" : "trace"}
            </Link>
            <button type="button" className="button" onClick={() => onFilter(`trace:${log.trace_id}`)}>
              Only this trace
            </button>
          </>
        )}
        <button type="button" className="button" onClick={() => onFilter(`service:${quoted(log.service)}`)}>
          Only {visible(log.service.slice(0, 40))}
        </button>
        <Copy text={() => JSON.stringify(log, null, 2)} label="Copy the record as JSON">
          JSON
        </Copy>
      </div>
      <Body body={log.body} />
      {raised && (
        <section className="log-raised">
          <h3 className="error-text">{raised.title}</h3>
          {raised.stacktrace && <PlainText text={withoutAnsi(raised.stacktrace)} />}
        </section>
      )}
      <Facts log={log} />
      <Fields title="Attributes" values={without(log.attributes, raised ? "exception." : null)} dropped={log.dropped_attributes_count} />
      <Fields title="Resource" values={log.resource.attributes} dropped={log.resource.dropped_attributes_count} />
    </div>
  );
}

function Body({ body }: { body: unknown }): ReactNode {
  const [raw, setRaw] = useState(false);
  if (body === null || body === undefined) return null;
  const opened = openJson(body);
  if (typeof opened === "object" && opened !== null) return <JsonTree value={opened} />;
  const text = asText(body);
  const coloured = hasAnsi(text);
  return (
    <div>
      <PlainText text={coloured && !raw ? withoutAnsi(text) : text} />
      {coloured && (
        <button type="button" className="button-text muted" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {raw ? "Without terminal codes" : "As sent, with terminal codes"}
        </button>
      )}
    </div>
  );
}

/** The fields of the record itself, under OpenTelemetry's names. */
function Facts({ log }: { log: LogRecord }): ReactNode {
  const scope = [log.scope.name, log.scope.version].filter(Boolean).join(" ");
  const rows: [string, string][] = [
    ["time", formatExactTime(log.time_unix_nano)],
    ["observed", log.observed_time_unix_nano === "0" ? "" : formatExactTime(log.observed_time_unix_nano)],
    ["severity", [log.severity_text, log.severity_number || ""].filter(Boolean).join(" · ")],
    ["event", log.event_name],
    ["scope", scope],
    ["trace", log.trace_id ?? ""],
    ["span", log.span_id ?? ""],
    ["flags", log.flags ? String(log.flags) : ""],
  ];
  return (
    <dl className="log-facts">
      {rows.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt className="muted">{name}</dt>
              <dd className="mono">{visible(value)}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Fields({ title, values, dropped }: { title: string; values: Record<string, unknown>; dropped: number }): ReactNode {
  if (Object.keys(values).length === 0 && dropped === 0) return null;
  return (
    <section>
      <h3>
        {title}
        {dropped > 0 && <span className="status-warning"> {dropped} dropped by the sender</span>}
      </h3>
      <JsonTree value={values} />
    </section>
  );
}

function without(values: Record<string, unknown>, prefix: string | null): Record<string, unknown> {
  if (prefix === null) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(prefix)));
}

function quoted(value: string): string {
  return /^[^\s"\\]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
