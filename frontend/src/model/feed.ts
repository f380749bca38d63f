/** The list of traces while it grows: what just arrived meets what is already shown. */
import type { TraceSummary } from "../api/types.gen";

/** Newest first; the id decides between equal times, so that the order never wavers. */
export function newestFirst(a: TraceSummary, b: TraceSummary): number {
  const left = BigInt(a.start_time_unix_nano);
  const right = BigInt(b.start_time_unix_nano);
  if (left !== right) return left > right ? -1 : 1;
  return a.trace_id < b.trace_id ? 1 : -1;
}

export interface Merged {
  /** The rows that are new, newest first. */
  arrived: TraceSummary[];
  /** Rows shown that the list no longer has: they stopped matching the filter, or were deleted. */
  gone: ReadonlySet<string>;
  /** The head does not reach the rows shown: more arrived than it holds, so there is a gap. */
  gap: boolean;
}

/** Compares the rows shown with the newest rows the server has now. */
export function mergeHead(shown: readonly TraceSummary[], head: readonly TraceSummary[]): Merged {
  const fresh = new Set(head.map((trace) => trace.trace_id));
  const known = new Set(shown.map((trace) => trace.trace_id));
  const oldest = head.at(-1);
  // Below the oldest row of the head nothing is known; at it, equal times may be cut anywhere.
  const within = (trace: TraceSummary): boolean =>
    oldest !== undefined && BigInt(trace.start_time_unix_nano) > BigInt(oldest.start_time_unix_nano);
  return {
    arrived: head.filter((trace) => !known.has(trace.trace_id)).sort(newestFirst),
    gone: new Set(shown.filter((trace) => within(trace) && !fresh.has(trace.trace_id)).map((trace) => trace.trace_id)),
    gap: shown.length > 0 && head.length > 0 && !head.some((trace) => known.has(trace.trace_id)),
  };
}

export function withArrived(shown: readonly TraceSummary[], arrived: readonly TraceSummary[]): TraceSummary[] {
  const fresh = new Map(arrived.map((trace) => [trace.trace_id, trace]));
  return [...arrived, ...shown.filter((trace) => !fresh.has(trace.trace_id))].sort(newestFirst);
}
