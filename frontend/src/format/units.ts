/** Values in the units that OpenTelemetry names (UCUM): `s`, `ms`, `By`, `1`, `%`, `{token}`. */
import { formatBytes, formatCount } from "./numbers";

const SECONDS: Record<string, number> = { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 };
const BYTES: Record<string, number> = { By: 1, kBy: 1e3, KiBy: 1024, MBy: 1e6, MiBy: 1024 ** 2, GBy: 1e9, GiBy: 1024 ** 3, bytes: 1 };

/** A plain number as people read it: `0.0012`, `3.4`, `12,400`, `1.2 M`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e9) return `${trim(value / 1e9)} G`;
  if (size >= 1e6) return `${trim(value / 1e6)} M`;
  if (size >= 1000) return formatCount(Math.round(value));
  if (size >= 0.001) return trim(value);
  return value.toExponential(1);
}

function trim(value: number): string {
  const size = Math.abs(value);
  return String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4)));
}

/** `12 ms`, `4.2 kB`, `73 %`, `18 token`; of a rate with `/s`. */
export function formatUnit(value: number | null | undefined, unit: string, rate = false): string {
  if (value === null || value === undefined) return "–";
  const each = rate ? "/s" : "";
  const seconds = SECONDS[unit];
  if (seconds !== undefined && !rate) return formatSeconds(value * seconds);
  const bytes = BYTES[unit];
  if (bytes !== undefined) return (value < 0 ? "-" : "") + formatBytes(Math.abs(roundBytes(value * bytes))) + each;
  if (unit === "%") return `${formatNumber(value)} %`;
  const name = /^\{(.+)\}$/.exec(unit)?.[1] ?? (unit === "1" ? "" : unit);
  return [formatNumber(value), name].filter(Boolean).join(" ") + each;
}

function roundBytes(value: number): number {
  return Math.abs(value) < 1000 ? Math.round(value * 10) / 10 : value;
}

function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 1e-6) return `${trim(seconds * 1e9)} ns`;
  if (size < 1e-3) return `${trim(seconds * 1e6)} µs`;
  if (size < 1) return `${trim(seconds * 1e3)} ms`;
  if (size < 120) return `${trim(seconds)} s`;
  return size < 7200 ? `${trim(seconds / 60)} min` : `${trim(seconds / 3600)} h`;
}
