/**
 * What a client sent may hold characters that act on the screen instead of standing on it: terminal escapes,
 * overrides of the writing direction, other controls. They are made visible; nothing is taken away.
 */

const ACTING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Controls shown as `\\x1b`, direction overrides as `[U+202E]`; tabs, line ends and letters stay as they are. */
export function visible(text: string): string {
  return text.replace(ACTING, (char) => {
    const code = char.charCodeAt(0);
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `[U+${hex.toUpperCase()}]`;
  });
}

/** The first line with words in it, for one row of a list. */
export function firstLine(text: string | null | undefined, limit = 400): string {
  if (!text) return "";
  const line = text.slice(0, 4 * limit).split(/\r?\n/).find((part) => part.trim() !== "") ?? "";
  return visible(line.trim().slice(0, limit));
}

/** A text on one line: what stands in further lines follows after a space. */
export function oneLine(text: string | null | undefined, limit = 400): string {
  if (!text) return "";
  return visible(text.slice(0, 4 * limit).replace(/\s+/g, " ").trim()).slice(0, limit);
}

/** The same without the marks of Markdown that only set type: headings, bold, code. */
export function plainLine(text: string | null | undefined, limit = 400): string {
  if (!text) return "";
  const plain = text
    .slice(0, 4 * limit)
    .replace(/^\s{0,3}(?:#{1,6}|>)\s+/gm, "")
    .replace(/^\s*```.*$/gm, "")
    .replace(/\*\*([^*\n]+)\*\*/g, "$1")
    .replace(/`([^`\n]+)`/g, "$1");
  return oneLine(plain, limit);
}

/** How much of a huge text is shown before "show all". */
export const FIRST_PART = 20_000;

/** The first part of a text, cut at a whole character. */
export function firstPart(text: string, limit: number = FIRST_PART): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

/** Any JSON value as text for copying. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}

/** A value where the wire had JSON text: objects and lists are opened, everything else stays text. */
export function openJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const start = value.trimStart().charAt(0);
  if (start !== "{" && start !== "[") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** A long text in pieces that can be set one by one: cut after a line, else after a word, else anywhere but in a letter. */
export function pieces(text: string, limit: number = FIRST_PART): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const most = firstPart(text.slice(at, at + limit + 1), limit);
    const last = at + most.length >= text.length;
    const line = last ? -1 : most.lastIndexOf("\n");
    const word = last || line > limit / 2 ? line : most.lastIndexOf(" ");
    const end = word > limit / 2 ? word + 1 : most.length;
    parts.push(most.slice(0, end));
    at += end;
  }
  return parts;
}
