/** Typing a filter: places in characters as the server counts them (code points), and what an offer does to the text. */
import type { Suggestion } from "../api/types.gen";

/** A place of a JavaScript string as a count of code points. */
export function toPoints(text: string, place: number): number {
  return [...text.slice(0, place)].length;
}

export function fromPoints(text: string, points: number): number {
  return [...text].slice(0, points).join("").length;
}

export interface Draft {
  text: string;
  cursor: number;
}

/** The text with an offer in place of what was typed; after a value at the end stands a space for what follows. */
export function take(text: string, start: number, end: number, offer: Pick<Suggestion, "kind" | "text">): Draft {
  const before = text.slice(0, fromPoints(text, start));
  let after = text.slice(fromPoints(text, end));
  if (offer.kind === "key" && offer.text.endsWith(":") && after.startsWith(":")) after = after.slice(1);
  const space = offer.kind === "value" && after === "" ? " " : "";
  const taken = before + offer.text + space;
  return { text: taken + after, cursor: taken.length };
}

/** Whether more is sure to come: a key without its value, a quote that is open. The server would only refuse it. */
export function isHalf(text: string): boolean {
  return /(?:^|\s)-?(?:[A-Za-z_][\w./@$~+-]*:|-|(?:attr|resource|score)\.[\w./@$~+-]*)$/.test(text) || isQuoteOpen(text);
}

function isQuoteOpen(text: string): boolean {
  return (text.replace(/\\./g, "").match(/"/g) ?? []).length % 2 === 1;
}

/** Where a refused filter is wrong, by the caret in the message's last line: the term that starts there. */
export function wrongPart(message: string, text: string): { start: number; end: number } | null {
  const caret = message.split("\n").at(-1) ?? "";
  if (!/^ *\^$/.test(caret)) return null;
  const start = fromPoints(text, caret.length - 1);
  if (start >= text.length) return null;
  const term = /^-?(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/.exec(text.slice(start));
  return { start, end: start + (term?.[0].length ?? 1) };
}
