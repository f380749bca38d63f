/** The texts of two steps that are held against each other: error, SQL, messages, input, output. */
import type { Span } from "../api/types.gen";
import { asText, openJson } from "../format/text";
import { inputAndOutput } from "./copy";
import { conversationOf, messageText, type Message } from "./messages";
import { statementOf } from "./statement";

export interface PairText {
  title: string;
  a: string;
  b: string;
}

export function textsOf(a: Span | undefined, b: Span | undefined, foldedA: readonly Span[], foldedB: readonly Span[]): PairText[] {
  if (foldedA.length > 0 || foldedB.length > 0) return filled([{ title: "Folded spans", a: namesOf(foldedA), b: namesOf(foldedB) }]);
  return filled([
    { title: "Error", a: errorOf(a), b: errorOf(b) },
    { title: "SQL", a: a ? (statementOf(a) ?? "") : "", b: b ? (statementOf(b) ?? "") : "" },
    { title: "Instructions", a: said(a, "instructions"), b: said(b, "instructions") },
    { title: "Messages", a: said(a, "input"), b: said(b, "input") },
    { title: "Answer", a: said(a, "output"), b: said(b, "output") },
    { title: "Input", a: value(a, "input"), b: value(b, "input") },
    { title: "Output", a: value(a, "output"), b: value(b, "output") },
    { title: "Model", a: modelOf(a), b: modelOf(b) },
  ]);
}

function filled(texts: readonly PairText[]): PairText[] {
  return texts.filter((text) => text.a !== "" || text.b !== "");
}

function namesOf(spans: readonly Span[]): string {
  return spans.map((span) => span.name).join("\n");
}

function errorOf(span: Span | undefined): string {
  return [span?.error?.type, span?.error?.message].filter(Boolean).join(": ");
}

function modelOf(span: Span | undefined): string {
  return span?.response_model ?? span?.request_model ?? "";
}

function said(span: Span | undefined, what: "instructions" | "input" | "output"): string {
  if (!span) return "";
  const messages = conversationOf(span).filter((message) =>
    what === "output" ? message.direction === "output" : message.direction === "input" && (message.role === "system") === (what === "instructions"),
  );
  return messages.map((message) => titled(message, what === "input")).join("\n\n");
}

function titled(message: Message, withRole: boolean): string {
  return withRole ? `${message.role}:\n${messageText(message)}` : messageText(message);
}

/** A step's own value; where it has messages they are it, and are there already. */
function value(span: Span | undefined, side: "input" | "output"): string {
  if (!span || (side === "input" ? span.input_messages : span.output_messages)) return "";
  const found = inputAndOutput(span)[side];
  return found === null ? "" : asText(openJson(found));
}
