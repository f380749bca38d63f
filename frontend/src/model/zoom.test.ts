import { describe, expect, test } from "vitest";
import { around, fitted, isWhole, panned, readWindow, WHOLE, windowText, zoomed } from "./zoom";

const LENGTH = 1e9;
const AXIS = { startNs: "0", lengthNs: LENGTH };

describe("zoom", () => {
  test("keeps the place under the pointer", () => {
    const closer = zoomed(WHOLE, 0.5, 0.25, LENGTH);
    expect(closer.from).toBeCloseTo(0.125);
    expect(closer.to).toBeCloseTo(0.625);
    expect(closer.from + (closer.to - closer.from) * 0.25).toBeCloseTo(0.25);
  });

  test("ends at the whole axis and at what can be shown", () => {
    expect(zoomed({ from: 0.4, to: 0.6 }, 100, 0.5, LENGTH)).toEqual(WHOLE);
    let window = WHOLE;
    for (let step = 0; step < 200; step++) window = zoomed(window, 0.5, 0.5, LENGTH);
    expect(window.to - window.from).toBeCloseTo(10 / LENGTH, 12);
  });

  test("panning stops at both ends and keeps the width", () => {
    const left = panned({ from: 0.1, to: 0.3 }, -5, LENGTH);
    expect(left.from).toBe(0);
    expect(left.to).toBeCloseTo(0.2);
    const right = panned({ from: 0.7, to: 0.9 }, 1, LENGTH);
    expect(right.from).toBeCloseTo(0.8);
    expect(right.to).toBeCloseTo(1);
  });

  test("a span is shown with room on either side", () => {
    const window = around(0.5 * LENGTH, 0.6 * LENGTH, LENGTH);
    expect(window.from).toBeLessThan(0.5);
    expect(window.to).toBeGreaterThan(0.6);
    expect(isWhole(around(0, LENGTH, LENGTH))).toBe(true);
  });
});

test("the address holds nanoseconds, and what it cannot mean is the whole", () => {
  expect(windowText({ from: 0.25, to: 0.5 }, AXIS)).toBe("250000000-500000000");
  expect(windowText(WHOLE, AXIS)).toBeUndefined();
  expect(readWindow("250000000-500000000", AXIS)).toEqual({ from: 0.25, to: 0.5 });
  for (const text of [undefined, "", "5-5", "9-1", "a-b", "-1-2"]) expect(readWindow(text, AXIS)).toEqual(WHOLE);
  expect(fitted({ from: -1, to: 5 }, LENGTH)).toEqual(WHOLE);
});
