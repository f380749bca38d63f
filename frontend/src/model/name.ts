/** How a span is called in the tree. */
import type { Span } from "../api/types.gen";

/** These say by their icon what they do; a call of a model keeps its operation, which its icon does not tell. */
const TOLD_BY_ICON = new Set<Span["kind"]>(["chain", "tool", "agent"]);

/**
 * `run_sql` for `execute_tool run_sql`: the GenAI conventions put the operation before the name. A tool has the name that
 * the model calls it by, where the span's own does not tell it (`ai.toolCall`).
 */
export function shortName(span: Pick<Span, "name" | "kind" | "operation" | "tool">): string {
  if (span.kind === "tool" && span.tool?.name) return span.tool.name;
  const prefix = span.operation === null ? null : `${span.operation} `;
  if (prefix === null || !TOLD_BY_ICON.has(span.kind) || !span.name.startsWith(prefix)) return span.name;
  return span.name.slice(prefix.length).trim() || span.name;
}
