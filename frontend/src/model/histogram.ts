/** The histogram above a list: its bars, and the time that a selection of them means. */
import type { Histogram } from "../api/types.gen";

export interface Bar {
  /** Shares of the tallest bar, from 0 to 1. */
  height: number;
  errors: number;
}

/** A bar that holds anything is seen, however tall the others are. */
const LEAST = 0.04;

export function barsOf(found: Histogram): Bar[] {
  const most = Math.max(1, ...found.buckets.map((bucket) => bucket.count));
  return found.buckets.map(({ count, error_count: errors }) => ({
    height: count === 0 ? 0 : Math.max(LEAST, count / most),
    errors: errors === 0 ? 0 : Math.max(LEAST, errors / most),
  }));
}

export interface Selection {
  from: number;
  to: number;
}

export function between(a: number, b: number): Selection {
  return { from: Math.min(a, b), to: Math.max(a, b) };
}

/** From the start of the first bar to the end of the last, in nanoseconds. */
export function timeOf(found: Histogram, { from, to }: Selection): { since: string; until: string } | null {
  const first = found.buckets[from];
  const last = found.buckets[to];
  if (!first || !last) return null;
  return { since: first.time_unix_nano, until: (BigInt(last.time_unix_nano) + BigInt(found.step_ns)).toString() };
}

export function countIn(found: Histogram, { from, to }: Selection): { count: number; errors: number } {
  const some = found.buckets.slice(from, to + 1);
  return {
    count: some.reduce((sum, bucket) => sum + bucket.count, 0),
    errors: some.reduce((sum, bucket) => sum + bucket.error_count, 0),
  };
}
