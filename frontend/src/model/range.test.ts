import { expect, it } from "vitest";
import { fromField, moment, rangeLabel, rangeName, sinceOf, toField } from "./range";

it("knows its own names and no others", () => {
  expect(rangeName("1h")).toBe("1h");
  expect(rangeName("2h")).toBeUndefined();
  expect(rangeLabel({ since: "15m" })).toBe("Last 15 min");
  expect(rangeLabel({})).toBe("Any time");
});

it("starts a range in nanoseconds, and any time nowhere", () => {
  expect(sinceOf("1h", 1_700_000_000_000)).toBe("1699996400000000000");
  expect(sinceOf("1700000000000000001", 0)).toBe("1700000000000000001");
  expect(sinceOf(undefined, 1_700_000_000_000)).toBeUndefined();
});

it("names an absolute range by its ends, the day where it is needed", () => {
  const at = (text: string): string => `${new Date(text).getTime()}000000`;
  expect(rangeLabel({ since: at("2024-03-01T12:00:00"), until: at("2024-03-01T12:05:00") })).toBe(
    "1 Mar 12:00:00 – 12:05:00",
  );
  expect(rangeLabel({ until: at("2024-03-01T12:05:00") })).toBe("Until 1 Mar 12:05:00");
  expect(rangeLabel({ since: at("2024-03-01T12:05:00") })).toBe("Since 1 Mar 12:05:00");
});

it("reads back what the field of a moment shows", () => {
  const ns = `${new Date("2024-03-01T12:00:05").getTime()}000000`;
  expect(toField(ns)).toBe("2024-03-01T12:00:05");
  expect(fromField(toField(ns))).toBe(ns);
  expect(fromField("")).toBeUndefined();
  expect(moment("12a")).toBeUndefined();
  expect(moment("99999999999999999999")).toBeUndefined();
});
