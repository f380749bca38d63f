/** The SQL of a span: a database span's statement, or the query a tool was called with. */
import type { Span } from "../api/types.gen";
import { openJson } from "../format/text";

const ATTRIBUTES = ["db.query.text", "db.statement"] as const;
const ARGUMENTS = ["query", "sql", "statement"] as const;
const BEGINS_LIKE_SQL = /^\s*(?:--|\/\*|\(|(?:select|with|insert|update|delete|create|alter|drop|pragma|explain|show|values|merge)\b)/i;

type WithStatement = Pick<Span, "attributes" | "tool" | "input" | "kind">;

/** null where there is none; a tool's free-text `query` (a web search) is none. */
export function statementOf(span: WithStatement): string | null {
  for (const name of ATTRIBUTES) {
    const text = span.attributes[name];
    if (typeof text === "string" && text !== "") return text;
  }
  if (span.kind !== "tool" && span.tool === null) return null;
  return sqlIn(span.tool?.arguments) ?? sqlIn(span.input);
}

function sqlIn(value: unknown): string | null {
  const opened = openJson(value);
  if (typeof opened === "string") return BEGINS_LIKE_SQL.test(opened) ? opened : null;
  if (!isRecord(opened)) return null;
  for (const name of ARGUMENTS) {
    const text = opened[name];
    if (typeof text === "string" && BEGINS_LIKE_SQL.test(text)) return text;
  }
  return null;
}

/** Text that is a statement as a whole: what a model answers when it is asked for SQL. */
export function isStatement(text: string): boolean {
  return /^\s*(?:select\s[\s\S]*\sfrom\s|select\s+\S|with\s+\w+\s+as\s*\()/i.test(text) && !/\n\s*\n\s*[A-Z][a-z]/.test(text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
