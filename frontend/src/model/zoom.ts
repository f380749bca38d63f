/** The part of a trace's time axis that is looked at, in shares of the whole (0 to 1). */
import type { Axis } from "./waterfall";

export interface Window {
  from: number;
  to: number;
}

export const WHOLE: Window = { from: 0, to: 1 };
/** Nothing shorter than this many nanoseconds is looked at: below it floating point shows steps. */
const LEAST_NS = 10;

export function isWhole(window: Window): boolean {
  return window.from <= 0 && window.to >= 1;
}

/** Moved into the axis with its width kept, no wider than the whole and no narrower than can be shown. */
export function fitted(window: Window, lengthNs: number): Window {
  const least = Math.min(1, LEAST_NS / lengthNs);
  const width = Math.min(1, Math.max(least, window.to - window.from));
  const from = Math.min(1 - width, Math.max(0, window.from));
  return width >= 1 ? WHOLE : { from, to: from + width };
}

/** `factor` below 1 looks closer; the place `at` (0 to 1 of what is shown) stays where it is. */
export function zoomed(window: Window, factor: number, at: number, lengthNs: number): Window {
  const width = window.to - window.from;
  const center = window.from + width * at;
  const next = Math.min(1, Math.max(Math.min(1, LEAST_NS / lengthNs), width * factor));
  return fitted({ from: center - next * at, to: center + next * (1 - at) }, lengthNs);
}

/** `by` is in shares of what is shown. */
export function panned(window: Window, by: number, lengthNs: number): Window {
  const move = (window.to - window.from) * by;
  return fitted({ from: window.from + move, to: window.to + move }, lengthNs);
}

/** A span with some room on either side. */
export function around(startNs: number, endNs: number, lengthNs: number): Window {
  const room = Math.max(1, endNs - startNs) * 0.08;
  return fitted({ from: (startNs - room) / lengthNs, to: (endNs + room) / lengthNs }, lengthNs);
}

/** The window in nanoseconds from the axis' start: what the address holds, since an axis may still grow. */
export function windowText(window: Window, axis: Axis): string | undefined {
  if (isWhole(window)) return undefined;
  return `${Math.round(window.from * axis.lengthNs)}-${Math.round(window.to * axis.lengthNs)}`;
}

export function readWindow(text: string | undefined, axis: Axis): Window {
  const match = /^(\d{1,19})-(\d{1,19})$/.exec(text ?? "");
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || !(to > from)) return WHOLE;
  return fitted({ from: from / axis.lengthNs, to: to / axis.lengthNs }, axis.lengthNs);
}
