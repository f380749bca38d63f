/** The time range of the list, by its name in the URL. */

export const RANGES = [
  { name: "15m", label: "Last 15 min", ms: 15 * 60_000 },
  { name: "1h", label: "Last 1 h", ms: 3_600_000 },
  { name: "24h", label: "Last 24 h", ms: 86_400_000 },
  { name: "7d", label: "Last 7 days", ms: 7 * 86_400_000 },
  { name: "30d", label: "Last 30 days", ms: 30 * 86_400_000 },
] as const;

export const ANY_TIME = "Any time";

export type RangeName = (typeof RANGES)[number]["name"];

export function rangeName(text: unknown): RangeName | undefined {
  return RANGES.find((range) => range.name === text)?.name;
}

export function rangeLabel(name: RangeName | undefined): string {
  return RANGES.find((range) => range.name === name)?.label ?? ANY_TIME;
}

/** Start of the range as the API takes it: nanoseconds since the epoch; undefined for any time. */
export function sinceOf(name: RangeName | undefined, nowMs: number): string | undefined {
  const range = RANGES.find((one) => one.name === name);
  return range && `${Math.max(0, Math.floor(nowMs - range.ms))}000000`;
}
