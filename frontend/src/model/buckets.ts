/** Time cut into equal buckets that start at multiples of their length, so that every chart has the same ones. */

const SECOND = 1_000_000_000n;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const STEPS = [
  1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR,
  6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
];
const MOST = 60n;
const HARD_LIMIT = 1000;

export interface Buckets {
  /** Seconds. */
  step: number;
  /** Where each begins, nanoseconds. */
  starts: readonly bigint[];
  /** What the axis shows: from the first nanosecond asked for to the last. */
  from: bigint;
  to: bigint;
}

/** Buckets of a time from `from` to `to` (in it), about `MOST` of them. */
export function bucketsOf(from: bigint, to: bigint): Buckets {
  const end = to > from ? to : from;
  const step = STEPS.find((one) => (end - from) / (BigInt(one) * SECOND) < MOST) ?? 365 * DAY;
  const length = BigInt(step) * SECOND;
  const starts: bigint[] = [];
  for (let at = from - (from % length); at <= end && starts.length < HARD_LIMIT; at += length) starts.push(at);
  return { step, starts, from, to: end };
}

/** The middle of each bucket in seconds, for an axis. */
export function middles(buckets: Buckets): number[] {
  return buckets.starts.map((start) => Number(start / 1_000_000n) / 1000 + buckets.step / 2);
}

/** The time of one bucket that lies within the range; the end is not in it. */
export function timeOf(buckets: Buckets, index: number): { since: bigint; until: bigint } | undefined {
  const start = buckets.starts[index];
  if (start === undefined) return undefined;
  return { since: start, until: start + BigInt(buckets.step) * SECOND };
}

/** One value for each bucket; `missing` where there is no row: 0 for a count, null (a gap) for a latency. */
export function valuesIn<Row extends { time_unix_nano: string | null }>(
  buckets: Buckets,
  rows: readonly Row[],
  value: (row: Row) => number | null,
  missing: number | null,
): (number | null)[] {
  const found = new Map(rows.map((row) => [row.time_unix_nano, value(row)]));
  return buckets.starts.map((start) => {
    const at = found.get(start.toString());
    return at === undefined ? missing : at;
  });
}

/** Rows by their group, the groups in the order of their sums, at most `most`; the others are one, called null. */
export function byGroup<Row extends { group: string | null }>(
  rows: readonly Row[],
  weight: (row: Row) => number,
  most: number,
): { groups: (readonly [string, Row[]])[]; others: Row[]; otherCount: number } {
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(row.group ?? "", [...(found.get(row.group ?? "") ?? []), row]);
  const sum = (list: readonly Row[]): number => list.reduce((total, row) => total + weight(row), 0);
  const ordered = [...found].sort((a, b) => sum(b[1]) - sum(a[1]) || a[0].localeCompare(b[0]));
  const rest = ordered.slice(most);
  return { groups: ordered.slice(0, most), others: rest.flatMap(([, list]) => list), otherCount: rest.length };
}

/** Values of several series added up from the first to the last, for areas that stand on each other. */
export function stacked(series: readonly (readonly (number | null)[])[]): number[][] {
  const sums: number[][] = [];
  for (const values of series) {
    const below = sums.at(-1);
    sums.push(values.map((value, at) => (value ?? 0) + (below?.[at] ?? 0)));
  }
  return sums;
}
