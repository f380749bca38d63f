import type { ReactNode } from "react";
import { Icon } from "../ui/Icon";

const FORMATS = [
  ["jsonl", "JSONL", "a line a span, as the API gives it"],
  ["parquet", "Parquet", "a row a span, for data frames"],
  ["otlp", "OTLP JSON", "as it was sent, for any OpenTelemetry backend"],
] as const;

/** Files of the whole trace, folded spans among them. */
export function ExportMenu({ traceId }: { traceId: string }): ReactNode {
  return (
    <details className="menu" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && event.currentTarget.removeAttribute("open")}>
      <summary className="button">
        <Icon name="download" /> Export
      </summary>
      <ul>
        {FORMATS.map(([format, name, what]) => (
          <li key={format}>
            <a href={`/api/v1/traces/${traceId}/export?format=${format}`} download={`${traceId}.${format === "otlp" ? "otlp.json" : format}`}>
              <b>{name}</b>
              <span className="muted">{what}</span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
