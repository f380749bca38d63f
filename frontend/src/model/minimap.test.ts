import { expect, test } from "vitest";
import { minimapMarks } from "./minimap";
import { span } from "./testing";

const axis = { startNs: "1000000000", lengthNs: 1000 };
const at = (id: string, from: number, length: number, rest = {}) =>
  span(id, { start_time_unix_nano: String(1_000_000_000 + from), duration_ns: String(length), ...rest });

test("neighbours of a kind and a depth become one mark", () => {
  const marks = minimapMarks([at("a", 0, 100), at("b", 100, 100), at("c", 500, 100)], axis, 4, 100);
  expect(marks.map((mark) => [mark.left, mark.width])).toEqual([[0, expect.closeTo(0.2)], [0.5, 0.1]]);
});

test("what failed stands last, what is folded is left out, what is deep is in the last lane", () => {
  const marks = minimapMarks([at("a", 0, 10, { status: "error" }), at("b", 0, 900, { depth: 40 }), at("c", 0, 5, { folded_into: "a" })], axis, 4, 100);
  expect(marks.map((mark) => [mark.failed, mark.lane])).toEqual([[false, 3], [true, 0]]);
});

test("ten thousand short spans are few marks", () => {
  const spans = Array.from({ length: 10_000 }, (_, index) => at(String(index), index / 10, 1));
  expect(minimapMarks(spans, axis, 4, 300).length).toBeLessThan(400);
});
