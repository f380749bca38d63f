import { describe, expect, test } from "vitest";
import { axisOf, barIn, barOf, firstTokenAt, joinedBars, partOf, ticksOf, ticksWithin } from "./waterfall";
import { span } from "./testing";

const T0 = "1764000000000000000";
const at = (ns: number, length: number | null) =>
  span(String(ns), {
    start_time_unix_nano: (BigInt(T0) + BigInt(ns)).toString(),
    duration_ns: length === null ? null : String(length),
  });

describe("the axis", () => {
  test("reaches from the first start to the last end, whatever the order", () => {
    expect(axisOf([at(500, 100), at(0, 300), at(100, 1900)])).toEqual({ startNs: T0, lengthNs: 2000 });
  });

  test("reaches to now while something runs", () => {
    const now = (BigInt(T0) + 5_000_000_000n).toString();
    expect(axisOf([at(0, null), at(10, 100)], now).lengthNs).toBe(5_000_000_000);
    expect(axisOf([at(0, 100)], now).lengthNs).toBe(100);
  });

  test("stops growing when a span was left open for good", () => {
    const nextDay = (BigInt(T0) + 86_400_000_000_000n).toString();
    expect(axisOf([at(0, null), at(10, 100)], nextDay).lengthNs).toBe(110);
  });

  test("of nothing is not empty", () => {
    expect(axisOf([]).lengthNs).toBeGreaterThan(0);
  });
});

describe("bars", () => {
  const axis = { startNs: T0, lengthNs: 1000 };

  test("keep nanoseconds that floating point would lose", () => {
    expect(barOf(at(250, 500), axis)).toEqual({ left: 0.25, width: 0.5 });
    expect(barOf(at(1, 0), axis).left).toBe(0.001);
  });

  test("of a running span reach to the end", () => {
    expect(barOf(at(400, null), axis)).toEqual({ left: 0.4, width: 0.6 });
  });

  test("stay inside when clocks disagree", () => {
    const early = barOf(at(-100, 5000), axis);
    expect(early).toEqual({ left: 0, width: 1 });
  });

  test("of a badge are joined where they touch", () => {
    expect(joinedBars([at(500, 10), at(0, 100), at(50, 100), at(150, 10)], axis)).toEqual([
      { left: 0, width: 0.16 },
      { left: 0.5, width: 0.01 },
    ]);
  });

  test("the first token has its place on the axis", () => {
    expect(firstTokenAt({ ...at(100, 800), time_to_first_token_ns: "400" }, axis)).toBe(0.5);
    expect(firstTokenAt(at(100, 800), axis)).toBeNull();
  });
});

describe("a part of the axis", () => {
  const part = partOf({ startNs: T0, lengthNs: 1000 }, { from: 0.4, to: 0.6 });

  test("is an axis of its own, exact to the nanosecond", () => {
    expect(part.startNs).toBe((BigInt(T0) + 400n).toString());
    expect(part.lengthNs).toBeCloseTo(200);
    expect(partOf(part, { from: 0, to: 1 })).toBe(part);
  });

  test("cuts bars at its edges and leaves out what lies beside it", () => {
    const cut = barIn(at(300, 200), part);
    expect(cut?.left).toBe(0);
    expect(cut?.width).toBeCloseTo(0.5);
    expect(barIn(at(0, 399), part)).toBeNull();
    expect(barIn(at(601, 10), part)).toBeNull();
    expect(barIn(at(0, null), part)).toEqual({ left: 0, width: 1 });
    expect(joinedBars([at(0, 10), at(450, 10)], part)).toHaveLength(1);
  });

  test("has a first token only inside", () => {
    expect(firstTokenAt({ ...at(100, 800), time_to_first_token_ns: "400" }, part)).toBeCloseTo(0.5);
    expect(firstTokenAt({ ...at(100, 800), time_to_first_token_ns: "40" }, part)).toBeNull();
  });

  test("has round ticks of the whole", () => {
    expect(ticksWithin(410, 590)).toEqual([450, 500, 550]);
    expect(ticksWithin(0, 400)).toEqual([0, 100, 200, 300]);
  });
});

test("ticks are round and leave out the end", () => {
  expect(ticksOf(3.14e9)).toEqual([0, 1e9, 2e9, 3e9]);
  expect(ticksOf(400)).toEqual([0, 100, 200, 300]);
  expect(ticksOf(240e9)).toEqual([0, 60e9, 120e9, 180e9]);
  expect(ticksOf(0)).toEqual([0]);
  for (const length of [1, 17, 999, 1.5e6, 9.99e9, 61e9, 3599e9, 4e14]) expect(ticksOf(length).length).toBeLessThanOrEqual(6);
});
