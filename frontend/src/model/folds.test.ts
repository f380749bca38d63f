import { expect, test } from "vitest";
import { foldFigures, foldTitle, p95, summarizeFold } from "./folds";
import { span } from "./testing";

const sql = (id: string, text: string, ns: string) =>
  span(id, { kind: "db", name: "SELECT chinook.db", duration_ns: ns, attributes: { "db.query.text": text } });

test("a badge counts by verb, tells distinct statements, the slowest twentieth and the errors", () => {
  const spans = [
    sql("1", "SELECT 1", "300000"),
    sql("2", "SELECT 1", "200000"),
    sql("3", "SELECT 2", "100000"),
    span("4", { kind: "db", name: "connect", duration_ns: "50000", status: "error" }),
  ];
  const fold = summarizeFold(spans);
  expect(foldTitle(fold)).toBe("4 folded: 3 SELECT, 1 connect");
  expect(foldFigures(fold)).toBe("2 distinct · p95 0.3 ms · 1 error");
});

test("without attributes (the light tree) nothing is said about distinct statements", () => {
  const light = [span("1", { kind: "db", name: "SELECT x" }), span("2", { kind: "db", name: "SELECT x" })];
  expect(summarizeFold(light).distinct).toBeNull();
  expect(foldTitle(summarizeFold(light))).toBe("2 folded: SELECT");
  const whole = new Map(light.map((one) => [one.span_id, { ...one, attributes: { "db.statement": "SELECT 1" } }]));
  expect(summarizeFold(light, whole).distinct).toBe(1);
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
