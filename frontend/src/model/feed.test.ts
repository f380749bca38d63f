import { expect, test } from "vitest";
import { mergeHead, newestFirst, withArrived } from "./feed";
import { trace } from "./testing";

const shown = [trace("c", "300"), trace("b", "200"), trace("a", "100")];

test("new rows are told from those shown before", () => {
  const merged = mergeHead(shown, [trace("d", "400"), trace("c", "300"), trace("b", "200")]);
  expect(merged.arrived.map((row) => row.trace_id)).toEqual(["d"]);
  expect(merged).toMatchObject({ gap: false, gone: new Set() });
});

test("a row that the list no longer has is gone; below the head nothing is known", () => {
  expect(mergeHead(shown, [trace("c", "300"), trace("a2", "150")]).gone).toEqual(new Set(["b"]));
  expect(mergeHead(shown, [trace("c", "300")]).gone).toEqual(new Set());
});

test("a head without a single known row leaves a gap", () => {
  expect(mergeHead(shown, [trace("z", "900"), trace("y", "800")]).gap).toBe(true);
  expect(mergeHead([], [trace("z", "900")]).gap).toBe(false);
});

test("a late row takes its place by time, and none is there twice", () => {
  const rows = withArrived(shown, [trace("late", "250"), trace("b", "200", { status: "error" })]);
  expect(rows.map((row) => row.trace_id)).toEqual(["c", "late", "b", "a"]);
  expect(rows[2]?.status).toBe("error");
});

test("times are compared as whole numbers, not as text", () => {
  expect([trace("a", "9"), trace("b", "10")].sort(newestFirst).map((row) => row.trace_id)).toEqual(["b", "a"]);
  const near = [trace("a", "1764000000000000001"), trace("b", "1764000000000000002")];
  expect(near.sort(newestFirst)[0]?.trace_id).toBe("b");
});
