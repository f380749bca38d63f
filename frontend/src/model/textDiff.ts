/** Two texts word by word, in bounded time: what only the first has is gone, what only the second has is new. */
import { diffArrays, diffLines, diffWordsWithSpace } from "diff";
import { brokenAtClauses, tokenizeSql, type SqlToken } from "./sql";

export interface DiffPart {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Beyond this a text is compared line by line, and beyond the next not at all. */
const BY_WORD = 40_000;
const BY_LINE = 2_000_000;
/** The longest that one comparison may take. */
const LIMIT_MS = 400;
const OPTIONS = { timeout: LIMIT_MS, maxEditLength: 20_000 };

/** null where the texts are too long or too different to be compared in time: they are shown whole then. */
export function textDiff(before: string, after: string): DiffPart[] | null {
  if (before === after) return before === "" ? [] : [{ kind: "same", text: before }];
  const size = before.length + after.length;
  if (size > BY_LINE) return null;
  // Above the types of the library: with a timeout it may give nothing.
  const found = size > BY_WORD ? diffLines(before, after, OPTIONS) : diffWordsWithSpace(before, after, OPTIONS);
  return found ? found.map((part) => ({ kind: part.added ? "new" : part.removed ? "gone" : "same", text: part.value })) : null;
}

export interface TokenDiffPart {
  kind: DiffPart["kind"];
  tokens: readonly SqlToken[];
}

/** The same for two statements, by their tokens; white space and the case of keywords are no difference. */
export function sqlDiff(before: string, after: string): TokenDiffPart[] | null {
  if (before.length + after.length > 2 * BY_WORD) return null;
  const comparator = (one: SqlToken, other: SqlToken): boolean =>
    one.kind === other.kind && (one.kind === "space" || sameToken(one, other));
  const found = diffArrays(tokenizeSql(before.trim()), tokenizeSql(after.trim()), { comparator, ...OPTIONS });
  if (!found) return null;
  const parts = found.map((part) => ({ kind: part.added ? "new" : part.removed ? "gone" : "same", tokens: part.value }) as const);
  return parts.map((part) => (part.tokens.every((token) => token.kind === "space") ? { ...part, kind: "same" as const } : part));
}

/** The parts with a line break before each clause, where the statement came as one line. */
export function brokenParts(parts: readonly TokenDiffPart[]): TokenDiffPart[] {
  const kinds = new Map<SqlToken, DiffPart["kind"]>();
  for (const part of parts) for (const token of part.tokens) kinds.set(token, part.kind);
  const broken: { kind: DiffPart["kind"]; tokens: SqlToken[] }[] = [];
  for (const token of brokenAtClauses([...kinds.keys()])) {
    const kind = kinds.get(token) ?? "same"; // a break is nobody's
    const last = broken.at(-1);
    if (last?.kind === kind) last.tokens.push(token);
    else broken.push({ kind, tokens: [token] });
  }
  return broken;
}

function sameToken(one: SqlToken, other: SqlToken): boolean {
  return one.text === other.text || (one.kind === "keyword" && one.text.toLowerCase() === other.text.toLowerCase());
}

export function isSame(parts: readonly { kind: DiffPart["kind"] }[] | null): boolean {
  return parts !== null && parts.every((part) => part.kind === "same");
}

/** A long stretch that both share, cut in its middle: the differences are what one looks for. */
export function shortened(text: string, around: number, isFirst: boolean, isLast: boolean): { head: string; left: number; tail: string } {
  const head = isFirst ? 0 : around;
  const tail = isLast ? 0 : around;
  if (text.length <= head + tail + around) return { head: text, left: 0, tail: "" };
  return { head: text.slice(0, head), left: text.length - head - tail, tail: tail > 0 ? text.slice(-tail) : "" };
}
