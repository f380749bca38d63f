/** A small SQL tokenizer: enough to colour a statement and to break it at its clauses. No parser. */

export type SqlKind = "keyword" | "string" | "number" | "comment" | "name" | "symbol" | "space";

export interface SqlToken {
  kind: SqlKind;
  text: string;
}

const KEYWORDS = new Set(
  (
    "select from where group by order having limit offset join inner left right full outer cross natural on using as and or " +
    "not in is null like ilike glob between exists case when then else end distinct all any union intersect except with recursive " +
    "insert into values update set delete create table view index drop alter add primary key foreign references unique default " +
    "asc desc nulls first last over partition rows range current row cast true false pragma explain analyze begin commit " +
    "rollback returning window filter interval fetch next only lateral"
  ).split(" "),
);

const TOKEN =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*(?:'|$))|("(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$)|\[[^\]\n]*\])|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_$]*)|(\s+)|([^])/gu;

export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of sql.matchAll(TOKEN)) {
    const [text, comment, string, quoted, number, word, space] = match;
    if (comment !== undefined) tokens.push({ kind: "comment", text });
    else if (string !== undefined) tokens.push({ kind: "string", text });
    else if (quoted !== undefined) tokens.push({ kind: "name", text });
    else if (number !== undefined) tokens.push({ kind: "number", text });
    else if (word !== undefined) tokens.push({ kind: KEYWORDS.has(word.toLowerCase()) ? "keyword" : "name", text });
    else if (space !== undefined) tokens.push({ kind: "space", text });
    else tokens.push({ kind: "symbol", text });
  }
  return tokens;
}

// A clause begins a line; a join begins one with its own first word.
const CLAUSE = new Set(["from", "where", "group", "order", "having", "limit", "union", "intersect", "except", "values", "set", "returning", "window"]);
const JOIN = new Set(["join", "left", "right", "full", "inner", "cross", "natural"]);
const JOIN_WORDS = new Set([...JOIN, "outer"]);

/** The tokens with a line break before each clause, for statements that came as one line; others unchanged. */
export function brokenAtClauses(tokens: readonly SqlToken[]): SqlToken[] {
  if (tokens.some((token) => token.text.includes("\n"))) return [...tokens];
  const out: SqlToken[] = [];
  let depth = 0;
  let word = "";
  for (const [index, token] of tokens.entries()) {
    if (token.text === "(") depth++;
    if (token.text === ")") depth--;
    const lower = token.kind === "keyword" ? token.text.toLowerCase() : "";
    const begins = depth === 0 && (CLAUSE.has(lower) || (JOIN.has(lower) && !JOIN_WORDS.has(word)));
    const called = nextSolid(tokens, index + 1) === "(" && (lower === "left" || lower === "right");
    if (begins && !called && out.length > 0) {
      if (out.at(-1)?.kind === "space") out.pop();
      out.push({ kind: "space", text: "\n" });
    }
    if (token.kind !== "space") word = lower;
    out.push(token);
  }
  return out;
}

function nextSolid(tokens: readonly SqlToken[], from: number): string {
  return tokens.slice(from, from + 2).find((token) => token.kind !== "space")?.text ?? "";
}
