import { expect, test } from "vitest";
import type { Badge } from "../api/types.gen";
import { foldFigures, foldTitle, p95, summarizeFold } from "./folds";
import { span } from "./testing";

const sql = (id: string, ns: string) => span(id, { kind: "db", name: "SELECT chinook.db", duration_ns: ns });
const BADGE: Badge = {
  step: "tool",
  count: 4,
  error_count: 1,
  checkout_count: 1,
  statement_count: 3,
  distinct_statements: 2,
  total_duration_ns: "650000",
  p95_duration_ns: "300000",
  rules: { statements: 3, pool: 1 },
  statements: [],
};

test("a badge counts by verb, tells distinct statements, sum and slowest twentieth, errors and checkouts", () => {
  const spans = [
    sql("1", "300000"),
    sql("2", "200000"),
    sql("3", "100000"),
    span("4", { kind: "db", name: "connect", duration_ns: "50000", status: "error" }),
  ];
  const fold = summarizeFold(spans, BADGE);
  expect(foldTitle(fold)).toBe("4 folded: 3 SELECT, 1 connect");
  expect(foldFigures(fold)).toBe("2 distinct · sum 0.7 ms · p95 0.3 ms · 1 error · 1 checkout");
});

test("until its content is loaded nothing is said about statements and checkouts", () => {
  const light = [span("1", { kind: "db", name: "SELECT x" }), span("2", { kind: "db", name: "SELECT x" })];
  expect(summarizeFold(light).distinct).toBeNull();
  expect(foldTitle(summarizeFold(light))).toBe("2 folded: SELECT");
  expect(foldFigures(summarizeFold(light))).toBe("sum 2 µs · p95 1 µs · 0 errors");
});

test("many names end in a rest, and only database spans go by their verb", () => {
  const spans = ["a", "b", "c", "d", "e"].map((name) => span(name));
  expect(foldTitle(summarizeFold(spans))).toBe("5 folded: 1 a, 1 b, 1 c, 2 more");
  expect(foldTitle(summarizeFold([span("1", { name: "POST /v1/chat", kind: "client" })]))).toBe("1 folded: POST /v1/chat");
});

test("p95 is the nearest rank", () => {
  expect(p95(Array.from({ length: 100 }, (_, at) => at + 1))).toBe(95);
  expect(p95([7])).toBe(7);
  expect(p95([])).toBe(0);
});
