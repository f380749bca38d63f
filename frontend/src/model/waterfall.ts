/** Where a span stands on the time axis of its trace, in shares of its width (0 to 1). */
import type { Span } from "../api/types.gen";
import { nsBetween } from "../format/time";

export interface Axis {
  startNs: string;
  lengthNs: number;
}

export interface Bar {
  left: number;
  width: number;
}

type Timed = Pick<Span, "start_time_unix_nano" | "duration_ns">;

/** A process that was killed never ends its spans: after this long without news they stop growing. */
const SILENT_NS = 10 * 60e9;

/** From the first start to the last end; what still runs reaches to `nowNs`, while there is news of it. */
export function axisOf(spans: readonly Timed[], nowNs?: string): Axis {
  let start: string | null = null;
  for (const span of spans) {
    if (start === null || nsBetween(span.start_time_unix_nano, start) > 0) start = span.start_time_unix_nano;
  }
  if (start === null) return { startNs: "0", lengthNs: 1 };
  let length = 1;
  let running = false;
  for (const span of spans) {
    running ||= span.duration_ns === null;
    length = Math.max(length, nsBetween(start, span.start_time_unix_nano) + Number(span.duration_ns ?? 0));
  }
  if (running && nowNs !== undefined) {
    const now = nsBetween(start, nowNs);
    if (now - length < SILENT_NS) length = Math.max(length, now);
  }
  return { startNs: start, lengthNs: length };
}

export function barOf(span: Timed, axis: Axis): Bar {
  const start = nsBetween(axis.startNs, span.start_time_unix_nano) / axis.lengthNs;
  const left = clamp(start);
  if (span.duration_ns === null) return { left, width: 1 - left };
  const width = Number(span.duration_ns) / axis.lengthNs;
  // What began before the axis has only its rest on it.
  return { left, width: clamp(Math.min(1 - left, start < 0 ? start + width : width)) };
}

/** The same on an axis that shows a part of the trace; null where nothing of the span is in it. */
export function barIn(span: Timed, axis: Axis): Bar | null {
  const start = nsBetween(axis.startNs, span.start_time_unix_nano);
  if (start > axis.lengthNs) return null;
  if (span.duration_ns !== null && start + Number(span.duration_ns) < 0) return null;
  return barOf(span, axis);
}

/** A part of an axis as an axis of its own. */
export function partOf(axis: Axis, part: { from: number; to: number }): Axis {
  if (part.from <= 0 && part.to >= 1) return axis;
  const start = BigInt(axis.startNs) + BigInt(Math.round(axis.lengthNs * part.from));
  return { startNs: start.toString(), lengthNs: Math.max(1, axis.lengthNs * (part.to - part.from)) };
}

/** The bars of many spans, joined where they overlap or nearly touch, so a badge draws few of them. */
export function joinedBars(spans: readonly Timed[], axis: Axis, gap = 0.004): Bar[] {
  const bars = spans.flatMap((span) => barIn(span, axis) ?? []).sort((a, b) => a.left - b.left);
  const joined: Bar[] = [];
  for (const bar of bars) {
    const last = joined.at(-1);
    if (last && bar.left <= last.left + last.width + gap) {
      last.width = Math.max(last.width, bar.left + bar.width - last.left);
    } else {
      joined.push({ ...bar });
    }
  }
  return joined;
}

/** The share of the axis at which the first token came; null for a span without one. */
export function firstTokenAt(span: Timed & Pick<Span, "time_to_first_token_ns">, axis: Axis): number | null {
  if (span.time_to_first_token_ns === null) return null;
  const ns = nsBetween(axis.startNs, span.start_time_unix_nano) + Number(span.time_to_first_token_ns);
  return ns < 0 || ns > axis.lengthNs ? null : clamp(ns / axis.lengthNs);
}

const SECOND = 1e9;
/** Above ten seconds a round step is one of the clock's. */
const CLOCK_STEPS = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400].map((s) => s * SECOND);

function stepFor(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const decimal = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? 10 * power;
  return decimal <= 10 * SECOND ? decimal : (CLOCK_STEPS.find((size) => size >= rough) ?? decimal);
}

/** The same for a part of an axis: round times of the whole, as nanoseconds from its start. */
export function ticksWithin(fromNs: number, toNs: number, most = 5): number[] {
  if (!(toNs > fromNs)) return [fromNs];
  const step = stepFor((toNs - fromNs) / most);
  const ticks: number[] = [];
  for (let at = Math.ceil(fromNs / step) * step; at < fromNs + (toNs - fromNs) * 0.999; at += step) ticks.push(at);
  return ticks;
}

/** Round tick distances, at most `most` ticks with 0; the end is not among them. */
export function ticksOf(lengthNs: number, most = 5): number[] {
  if (!(lengthNs > 0)) return [0];
  const step = stepFor(lengthNs / most);
  const ticks: number[] = [];
  for (let at = 0; at < lengthNs * 0.999; at += step) ticks.push(at);
  return ticks;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
}
