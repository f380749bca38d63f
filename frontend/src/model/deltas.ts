/** Differences of two numbers as short text; which way is worse is told by the tone, not only by the sign. */
import { isZero, subtractDecimals } from "../format/decimal";
import { formatCost } from "../format/cost";
import { formatDuration } from "../format/duration";
import { formatCount } from "../format/numbers";

export interface DeltaText {
  text: string;
  /** `less` and `more` are of what one would rather have less of. */
  tone: "same" | "less" | "more" | "none";
  title: string;
}

const NONE: DeltaText = { text: "–", tone: "none", title: "Not known on both sides" };
/** Durations always differ: below both of these it is noise, and has no colour. */
const NOISE_SHARE = 0.1;
const NOISE_NS = 1e6;

export function durationDelta(a: number | null | undefined, b: number | null | undefined): DeltaText {
  if (a === null || a === undefined || b === null || b === undefined) return NONE;
  const by = b - a;
  const noise = Math.abs(by) < NOISE_NS || Math.abs(by) < NOISE_SHARE * Math.max(a, b);
  const share = a > 0 && Math.abs(by) >= NOISE_NS ? `, ${percent(by / a)}` : "";
  return { text: signed(by, formatDuration(Math.abs(by))), tone: noise ? "same" : toneOf(by), title: `${formatDuration(a)} → ${formatDuration(b)}${share}` };
}

export function tokensDelta(a: number | null | undefined, b: number | null | undefined): DeltaText {
  if (a === null || a === undefined || b === null || b === undefined) return { ...NONE, title: "No tokens on both sides" };
  return { text: `${signed(b - a, formatCount(Math.abs(b - a)))} tok`, tone: toneOf(b - a), title: `${formatCount(a)} → ${formatCount(b)} tokens` };
}

export function costDelta(a: string | null | undefined, b: string | null | undefined): DeltaText {
  const by = a == null || b == null ? null : subtractDecimals(b, a);
  if (by === null) return { ...NONE, title: "No price known on both sides" };
  const size = by.replace(/^-/, "");
  const tone = isZero(by) ? "same" : by.startsWith("-") ? "less" : "more";
  return { text: tone === "same" ? "±$0" : `${tone === "less" ? "−" : "+"}${formatCost(size)}`, tone, title: `${formatCost(a)} → ${formatCost(b)}` };
}

function signed(by: number, size: string): string {
  return by === 0 ? "±0" : `${by < 0 ? "−" : "+"}${size}`;
}

function toneOf(by: number): DeltaText["tone"] {
  return by === 0 ? "same" : by < 0 ? "less" : "more";
}

function percent(share: number): string {
  const value = Math.round(share * 100);
  return Math.abs(value) >= 1000 ? `${(share + 1).toFixed(0)} times` : `${value > 0 ? "+" : "−"}${Math.abs(value)} %`;
}
