/** The time range of a list: a preset by its name, or an absolute one in nanoseconds since the epoch, in the address. */
import { dayAndMonth } from "../format/time";

export const RANGES = [
  { name: "15m", label: "Last 15 min", ms: 15 * 60_000 },
  { name: "1h", label: "Last 1 h", ms: 3_600_000 },
  { name: "24h", label: "Last 24 h", ms: 86_400_000 },
  { name: "7d", label: "Last 7 days", ms: 7 * 86_400_000 },
  { name: "30d", label: "Last 30 days", ms: 30 * 86_400_000 },
] as const;

export const ANY_TIME = "Any time";

export type RangeName = (typeof RANGES)[number]["name"];

/** `since` is a preset's name or nanoseconds, `until` nanoseconds; neither is any time. */
export interface Range {
  since?: string | undefined;
  until?: string | undefined;
}

export function rangeName(text: unknown): RangeName | undefined {
  return RANGES.find((range) => range.name === text)?.name;
}

/** Nanoseconds of a time of the address; undefined if it is none. */
export function toNs(time: string | undefined): bigint | undefined {
  if (time === undefined) return undefined;
  if (/^\d{1,20}$/.test(time)) return BigInt(time);
  const ms = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`);
  return Number.isNaN(ms) || ms < 0 ? undefined : BigInt(ms) * 1_000_000n;
}

/** A moment of the address, in ISO 8601 or nanoseconds, as nanoseconds; what is none is left out. */
export function moment(text: unknown): string | undefined {
  const ns = typeof text === "string" ? toNs(text) : undefined;
  return ns !== undefined && ns < 2n ** 64n ? ns.toString() : undefined;
}

export function rangeLabel({ since, until }: Range): string {
  const preset = RANGES.find((range) => range.name === since);
  if (preset && !until) return preset.label;
  if (!since && !until) return ANY_TIME;
  const from = preset ? preset.label : since ? shortTime(since, until) : "";
  if (!until) return preset ? from : `Since ${from}`;
  return from ? `${from} – ${shortTime(until, preset ? undefined : since)}` : `Until ${shortTime(until)}`;
}

/** Start of the range as the API takes it: nanoseconds since the epoch; undefined for any time. */
export function sinceOf(since: string | undefined, nowMs: number): string | undefined {
  const range = RANGES.find((one) => one.name === since);
  return range ? `${Math.max(0, Math.floor(nowMs - range.ms))}000000` : moment(since);
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** Time of day; with the day where that is not today's, nor the same as that of the other end before it. */
function shortTime(ns: string, other?: string): string {
  const date = dateOf(ns);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const beside = other && BigInt(other) < BigInt(ns) ? dateOf(other) : new Date();
  if (date.toDateString() === beside.toDateString()) return clock;
  return `${dayAndMonth(date)} ${clock}`;
}

function dateOf(ns: string): Date {
  return new Date(Number(BigInt(ns) / 1_000_000n));
}

/** What an `input type=datetime-local` shows: local time, to the second. */
export function toField(ns: string | undefined): string {
  if (!ns) return "";
  const date = dateOf(ns);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

export function fromField(text: string): string | undefined {
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) || ms < 0 ? undefined : `${ms}000000`;
}
