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

/** The key under which a tag is kept; the tag itself is the value. */
export const TAG = "tag";

export interface Mark {
  key: string;
  value?: string;
  score?: number;
}

/** `beta` is a tag; `quality=0.8` a score; null for nothing. */
export function markOf(text: string): Mark | null {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const scored = /^([^\s=:][^=:]*?)\s*[=:]\s*(-?\d+(?:\.\d+)?)$/.exec(trimmed);
  if (scored?.[1]) return { key: scored[1].slice(0, 200), score: Number(scored[2]) };
  return { key: TAG, value: trimmed.slice(0, 1000) };
}

export interface Chips {
  good: number;
  bad: number;
  tags: string[];
  scores: string[];
  notes: number;
}

/** What many annotations come to, for one row of a list. */
export function chipsOf(annotations: readonly Annotation[]): Chips {
  const chips: Chips = { good: 0, bad: 0, tags: [], scores: [], notes: 0 };
  for (const one of annotations) {
    const said = verdict(one);
    if (one.key === THUMB && one.score !== null) chips[one.score > 0 ? "good" : "bad"] += 1;
    else if (one.key === TAG && said) chips.tags.push(said);
    else if (said) chips.scores.push(`${one.key} ${said}`);
    else chips.notes += 1;
  }
  return { ...chips, tags: [...new Set(chips.tags)], scores: [...new Set(chips.scores)] };
}
