/** Which tabs a span has; the first is shown when the URL names none. */
import type { Span } from "../api/types.gen";
import { statementOf } from "./statement";

export const TAB_LABELS = {
  conversation: "Conversation",
  documents: "Documents",
  sql: "SQL",
  changes: "Changes",
  io: "Input / output",
  ledger: "Ledger",
  attributes: "Attributes",
  events: "Events",
  logs: "Logs",
  links: "Links",
  raw: "Raw",
} as const;

export type Tab = keyof typeof TAB_LABELS;

export function isTab(text: unknown): text is Tab {
  return typeof text === "string" && text in TAB_LABELS;
}

export function tabsOf(span: Span, hasLedger: boolean, linkedFrom = 0): Tab[] {
  const tabs: Tab[] = [];
  const messages = Boolean(span.input_messages || span.output_messages || span.system_instructions);
  if (span.kind === "llm" || messages) tabs.push("conversation");
  if (messages && span.kind === "llm") tabs.push("changes");
  if (span.documents && span.documents.length > 0) tabs.push("documents");
  if (statementOf(span) !== null) tabs.push("sql");
  // A call's input and output are its messages once more.
  if (hasInputOutput(span) && !(span.kind === "llm" && span.input_messages)) tabs.push("io");
  if (hasLedger) tabs.push("ledger");
  tabs.push("attributes");
  if (span.events.length > 0) tabs.push("events");
  tabs.push("logs");
  if (span.links.length > 0 || linkedFrom > 0) tabs.push("links");
  tabs.push("raw");
  return tabs;
}

export function hasInputOutput(span: Span): boolean {
  return [span.input, span.output, span.tool?.arguments, span.tool?.result].some((value) => value !== null && value !== undefined);
}
