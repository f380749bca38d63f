import { expect, test } from "vitest";
import { criticalPath } from "./criticalPath";
import { span } from "./testing";

const T0 = "1764000000000000000";
const timed = (id: string, parent: string | null, from: number, to: number | null) =>
  span(id, {
    parent_span_id: parent,
    start_time_unix_nano: (BigInt(T0) + BigInt(from)).toString(),
    duration_ns: to === null ? null : String(to - from),
  });

function path(...spans: ReturnType<typeof timed>[]): Record<string, string> {
  const found = criticalPath(spans, T0, 1000);
  return Object.fromEntries([...found].map(([id, own]) => [id, own.map((one) => `${one.from}-${one.to}`).join(" ")]));
}

test("goes through the children that were waited for, one after the other", () => {
  expect(path(timed("root", null, 0, 100), timed("a", "root", 10, 40), timed("b", "root", 50, 90))).toEqual({
    root: "0-10 40-50 90-100",
    a: "10-40",
    b: "50-90",
  });
});

test("of children side by side the one that ended last counts, the other only before it began", () => {
  expect(path(timed("root", null, 0, 100), timed("long", "root", 20, 100), timed("short", "root", 20, 60))).toEqual({ root: "0-20", long: "20-100" });
  expect(path(timed("root", null, 0, 100), timed("early", "root", 0, 70), timed("late", "root", 50, 100))).toEqual({ root: "", late: "50-100", early: "0-50" });
});

test("a child that outlives its parent counts to the parent's end", () => {
  expect(path(timed("root", null, 0, 100), timed("later", "root", 60, 500))).toEqual({ root: "0-60", later: "60-100" });
});

test("what starts after its parent ended was not waited for", () => {
  expect(path(timed("root", null, 0, 100), timed("after", "root", 150, 200))).toEqual({ root: "0-100" });
});

test("what still runs counts to the end of the axis", () => {
  expect(path(timed("root", null, 0, null), timed("call", "root", 400, null))).toEqual({ root: "0-400", call: "400-1000" });
});

test("the longest root is the one that is followed", () => {
  expect(path(timed("small", null, 0, 10), timed("big", null, 5, 100), timed("in big", "big", 5, 100))).toEqual({ big: "", "in big": "5-100" });
  expect(path()).toEqual({});
});

test("the times of the path add up to the root's", () => {
  const spans = [timed("r", null, 0, 1000)];
  for (let at = 0; at < 50; at++) spans.push(timed(`c${at}`, at % 3 === 0 ? "r" : `c${at - 1}`, at * 17, at * 17 + 60 - at));
  const found = criticalPath(spans, T0, 1000);
  const total = [...found.values()].flat().reduce((sum, one) => sum + one.to - one.from, 0);
  expect(total).toBe(1000);
});

test("fifty thousand levels are no recursion", () => {
  const spans = Array.from({ length: 50_000 }, (_, at) => timed(`s${at}`, at === 0 ? null : `s${at - 1}`, at, 100_000 - at));
  expect(criticalPath(spans, T0, 0).size).toBe(50_000);
});
