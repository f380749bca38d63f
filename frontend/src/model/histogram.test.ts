import { expect, it } from "vitest";
import { barsOf, between, countIn, timeOf } from "./histogram";

const FOUND = {
  since: "100",
  until: "130",
  step_ns: "10",
  count: 1001,
  error_count: 1,
  buckets: [
    { time_unix_nano: "100", count: 1000, error_count: 0 },
    { time_unix_nano: "110", count: 0, error_count: 0 },
    { time_unix_nano: "120", count: 1, error_count: 1 },
  ],
};

it("shows a lone failure beside a tall bar", () => {
  expect(barsOf(FOUND)).toEqual([
    { height: 1, errors: 0 },
    { height: 0, errors: 0 },
    { height: 0.04, errors: 0.04 },
  ]);
});

it("knows the time and the rows of a selection, whichever way it was drawn", () => {
  expect(timeOf(FOUND, between(2, 1))).toEqual({ since: "110", until: "130" });
  expect(countIn(FOUND, between(2, 0))).toEqual({ count: 1001, errors: 1 });
  expect(timeOf(FOUND, { from: 0, to: 9 })).toBeNull();
});
