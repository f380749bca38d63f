/**
 * The critical path: what the trace waited for. Going back from a span's end, the child that ended last was waited
 * for, then the one that had ended when that one began, and so on; what no child covers the span took itself.
 */
import type { Span } from "../api/types.gen";
import { nsBetween } from "../format/time";

/** Nanoseconds from the axis' start. */
export interface Segment {
  from: number;
  to: number;
}

type Timed = Pick<Span, "span_id" | "parent_span_id" | "start_time_unix_nano" | "duration_ns">;

interface Place {
  id: string;
  start: number;
  end: number;
  children: Place[];
}

/** For each span on the path of the longest root the times it was waited for; what runs counts to `endNs`. */
export function criticalPath(spans: readonly Timed[], startNs: string, endNs: number): ReadonlyMap<string, readonly Segment[]> {
  const root = longestRoot(spans, startNs, endNs);
  const path = new Map<string, Segment[]>();
  if (!root) return path;
  // A stack of its own: traces may be thousands of levels deep.
  const waiting: (readonly [place: Place, until: number])[] = [[root, root.end]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [place, until] = next;
    let at = Math.min(place.end, until);
    const own: Segment[] = [];
    // A child that outlives its parent was not waited for beyond it: async work goes on by itself.
    for (const child of place.children.sort((a, b) => b.end - a.end)) {
      if (at <= place.start) break;
      if (child.start >= at || child.end <= place.start) continue;
      const end = Math.min(child.end, at);
      if (end < at) own.push({ from: end, to: at });
      waiting.push([child, end]);
      at = Math.max(place.start, child.start);
    }
    if (at > place.start) own.push({ from: place.start, to: at });
    path.set(place.id, own.reverse());
  }
  return path;
}

function longestRoot(spans: readonly Timed[], startNs: string, endNs: number): Place | undefined {
  const places = new Map<string, Place>();
  let longest: Place | undefined;
  for (const span of spans) {
    const start = nsBetween(startNs, span.start_time_unix_nano);
    const end = span.duration_ns === null ? Math.max(start, endNs) : start + Number(span.duration_ns);
    const place: Place = { id: span.span_id, start, end, children: [] };
    // Parents come before their children; a span that names a later one as its parent is a root.
    const above = span.parent_span_id === null ? undefined : places.get(span.parent_span_id);
    if (!places.has(span.span_id)) places.set(span.span_id, place);
    if (above) above.children.push(place);
    else if (!longest || end - start > longest.end - longest.start) longest = place;
  }
  return longest;
}
