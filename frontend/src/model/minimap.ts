/** The whole trace as a small picture: its spans as thin lines, deeper ones lower, few rectangles whatever their number. */
import type { Span } from "../api/types.gen";
import { barOf, type Axis } from "./waterfall";

export interface Mark {
  kind: Span["kind"];
  failed: boolean;
  left: number;
  width: number;
  /** From 0, the top one. */
  lane: number;
}

/** Spans that share a lane, a kind and neighbouring pixels become one mark; folded spans are left out. */
export function minimapMarks(spans: readonly Span[], axis: Axis, lanes: number, pixels: number): Mark[] {
  const marks: Mark[] = [];
  const last = new Map<string, Mark>();
  const pixel = 1 / pixels;
  for (const span of spans) {
    if (span.folded_into !== null) continue;
    const bar = barOf(span, axis);
    const failed = span.status === "error";
    const lane = Math.min(span.depth, lanes - 1);
    const key = `${lane} ${span.kind} ${failed}`;
    const before = last.get(key);
    if (before && bar.left <= before.left + before.width + pixel && bar.left >= before.left) {
      before.width = Math.max(before.width, bar.left + bar.width - before.left);
      continue;
    }
    const mark = { kind: span.kind, failed, left: bar.left, width: Math.max(bar.width, pixel), lane };
    marks.push(mark);
    last.set(key, mark);
  }
  // What failed is drawn last, over the rest.
  return marks.sort((a, b) => Number(a.failed) - Number(b.failed));
}
