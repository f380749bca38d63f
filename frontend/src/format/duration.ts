/** Nanoseconds as decimal strings in, short text with a unit out. */
import { formatCount } from "./numbers";

const MS = 1e6;
const SECOND = 1e9;

/** `0.3 ms`, `42 ms`, `1.24 s`, `2 m 05 s`, `3 h 02 m`. Three digits are enough to compare rows by eye. */
export function formatDuration(ns: string | number | bigint | null | undefined): string {
  if (ns === null || ns === undefined) return "–";
  const value = Number(ns);
  if (!Number.isFinite(value)) return "–";
  if (value < 0) return "-" + formatDuration(-value);
  if (value < 1e3) return `${value} ns`;
  if (value < 0.095 * MS) return `${Math.round(value / 1e3)} µs`;
  if (value < 9.95 * MS) return `${(value / MS).toFixed(1)} ms`;
  if (value < 999.5 * MS) return `${Math.round(value / MS)} ms`;
  if (value < 9.995 * SECOND) return `${(value / SECOND).toFixed(2)} s`;
  if (value < 59.95 * SECOND) return `${(value / SECOND).toFixed(1)} s`;
  const seconds = Math.round(value / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${formatCount(Math.floor(seconds / 3600))} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}

/** The same for an axis, where round numbers stand: `1 s`, not `1.00 s`. */
export function formatTick(ns: number): string {
  if (ns === 0) return "0";
  return formatDuration(ns)
    .replace(/\.(\d*?)0+(?= )/, (_, kept: string) => (kept ? `.${kept}` : ""))
    .replace(/ 00 [sm]$/, "");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
