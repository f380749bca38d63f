import { expect, test } from "vitest";
import { bucketsOf, byGroup, middles, stacked, timeOf, valuesIn } from "./buckets";

const SECOND = 1_000_000_000n;
const NOON = 1_795_435_200n * SECOND;

test("buckets start at multiples of their length and cover the range, its last moment too", () => {
  const found = bucketsOf(NOON + 7n * SECOND, NOON + 3600n * SECOND);
  expect(found.step).toBe(60);
  expect(found.starts[0]).toBe(NOON);
  expect(found.starts.at(-1)).toBe(NOON + 3600n * SECOND);
});

test("a moment is one bucket, and centuries are not too many", () => {
  expect(bucketsOf(NOON, NOON)).toMatchObject({ step: 1, starts: [NOON] });
  expect(bucketsOf(NOON, NOON - 1n).starts).toEqual([NOON]);
  expect(bucketsOf(0n, 2n ** 64n - 1n).starts.length).toBeLessThanOrEqual(1000);
});

test("the time of a bucket ends where the next begins", () => {
  const found = bucketsOf(NOON, NOON + 30n * SECOND);
  expect(timeOf(found, 1)).toEqual({ since: found.starts[1], until: found.starts[2] });
  expect(timeOf(found, 9_999)).toBeUndefined();
  expect(middles(found)[0]).toBe(Number(NOON / SECOND) + 0.5);
});

test("a bucket without a row is what the caller says: nothing of a count, a gap of a latency", () => {
  const buckets = bucketsOf(NOON, NOON + 2n * SECOND);
  const rows = [{ time_unix_nano: (NOON + SECOND).toString(), count: 3 }];
  expect(valuesIn(buckets, rows, (row) => row.count, 0)).toEqual([0, 3, 0]);
  expect(valuesIn(buckets, rows, () => null, null)).toEqual([null, null, null]);
});

test("groups come by their sums, the rest together", () => {
  const rows = [
    { group: "a", n: 1 },
    { group: "b", n: 5 },
    { group: null, n: 3 },
    { group: "a", n: 1 },
  ];
  const { groups, others, otherCount } = byGroup(rows, (row) => row.n, 2);
  expect(groups.map(([name, own]) => [name, own.length])).toEqual([
    ["b", 1],
    ["", 1],
  ]);
  expect([others.length, otherCount]).toEqual([2, 1]);
});

test("stacked values add up, a gap adds nothing", () => {
  expect(stacked([[1, null], [2, 3]])).toEqual([[1, 0], [3, 3]]);
});
