/** What people and programs say of a span, in a word or two. */
import type { Annotation } from "../api/types.gen";

/** The key under which a person's thumb is kept; LangSmith's own word for it. */
export const THUMB = "user_score";
/** Who says what is said in this UI. */
export const SOURCE = "app";

/** The score, else the value, short; empty for a remark that has neither. */
export function verdict({ score, value }: Annotation): string {
  if (score !== null) return String(Math.round(score * 10_000) / 10_000);
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Everything else of it: the remark, the correction, who says it. */
export function details({ comment, correction, source }: Annotation): string {
  const corrected = correction === null || correction === undefined ? "" : `should be ${JSON.stringify(correction)}`;
  const by = source?.["type"] ? `by ${String(source["type"])}` : "";
  return [comment, corrected, by].filter(Boolean).join("\n");
}

/** The thumb that was given in this UI, if any. */
export function ownThumb(annotations: readonly Annotation[]): Annotation | undefined {
  return annotations.find((one) => one.key === THUMB && one.source?.["type"] === SOURCE && one.score !== null);
}
