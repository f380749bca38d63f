import { expect, test } from "vitest";
import { rangeLabel, rangeName, sinceOf } from "./range";

test("a range becomes nanoseconds since the epoch", () => {
  expect(sinceOf("1h", 1_764_000_000_000)).toBe("1763996400000000000");
  expect(sinceOf(undefined, 1_764_000_000_000)).toBeUndefined();
});

test("an unknown name is any time", () => {
  expect(rangeName("99y")).toBeUndefined();
  expect(rangeLabel(undefined)).toBe("Any time");
});
