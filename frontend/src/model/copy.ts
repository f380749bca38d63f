/** What the key `c` copies: the content of the tab that is looked at. */
import type { LedgerLine, LogRecord, Span } from "../api/types.gen";
import { asText } from "../format/text";
import { formatExactTime } from "../format/time";
import { conversationOf, messageText } from "./messages";
import { statementOf } from "./statement";
import type { Tab } from "./tabs";

export function tabText(tab: Tab, span: Span, bill: readonly LedgerLine[], logs: readonly LogRecord[]): string {
  switch (tab) {
    case "conversation":
      return conversationOf(span).map((message) => `${message.role}:\n${messageText(message)}`).join("\n\n");
    case "changes":
      return asText({ input: span.input_messages, output: span.output_messages });
    case "sql":
      return statementOf(span) ?? "";
    case "io":
      return asText(inputAndOutput(span));
    case "documents":
      return asText(span.documents);
    case "ledger":
      return asText(bill);
    case "attributes":
      return asText(span.attributes);
    case "events":
      return asText(span.events);
    case "links":
      return asText(span.links);
    case "logs":
      return logs.map(logLine).join("\n");
    case "raw":
      return asText(span);
  }
}

function logLine(log: LogRecord): string {
  const time = log.time_unix_nano === "0" ? log.observed_time_unix_nano : log.time_unix_nano;
  return `${formatExactTime(time)} ${log.severity_text} ${asText(log.body ?? log.event_name)}`;
}

/** The values of a step under one name each; a tool's arguments are its input, its result its output. */
export function inputAndOutput(span: Span): { input: unknown; output: unknown } {
  return {
    input: span.input ?? span.tool?.arguments ?? null,
    output: span.output ?? span.tool?.result ?? null,
  };
}
