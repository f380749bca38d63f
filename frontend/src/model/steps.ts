/** What a turn of a conversation did, in a few lines: calls, tools, retrievals and whatever failed. */
import type { Span } from "../api/types.gen";

const TELLING: ReadonlySet<Span["kind"]> = new Set(["llm", "embedding", "retriever", "reranker", "tool", "agent", "guardrail"]);
const MOST = 30;

type StepSpan = Pick<Span, "kind" | "status">;

/** The telling spans in the order of the tree, at most thirty, and how many of all are left out. */
export function stepsOf<S extends StepSpan>(spans: readonly S[]): { steps: S[]; left: number } {
  const steps = spans.filter((span) => TELLING.has(span.kind) || span.status === "error").slice(0, MOST);
  return { steps, left: spans.length - steps.length };
}
