import { expect, test } from "vitest";
import type { TraceTree } from "../api/types.gen";
import { isBilled, lightTrace } from "./lightTree";
import { trace } from "./testing";

const TREE: TraceTree = {
  trace: trace("ab".repeat(16), "100") as unknown as TraceTree["trace"],
  words: ["ask", "server", "qa", "", "SELECT", "db", "statements", "fastapi"],
  spans: {
    span_id: ["a", "b"],
    parent_span_id: [null, "a"],
    depth: [0, 1],
    name: [0, 4],
    kind: [1, 5],
    service: [2, 2],
    scope: [7, 3],
    start_time_unix_nano: ["100", "110"],
    duration_ns: ["900", null],
    status: [0, 3],
    folded_into: [null, 0],
    fold_rule: [null, 6],
  },
  details: { "0": { counted: true, request_model: "gpt-4o" } },
  annotations: [],
};

test("columns become spans; what was not sent has its empty value", () => {
  const { spans } = lightTrace(TREE);
  expect(spans).toHaveLength(2);
  expect(spans[0]).toMatchObject({ span_id: "a", name: "ask", kind: "server", counted: true, request_model: "gpt-4o", status: "unset" });
  expect(spans[1]).toMatchObject({ name: "SELECT", parent_span_id: "a", folded_into: "a", fold_rule: "statements", duration_ns: null, status: "running" });
  expect(spans[1]?.attributes).toEqual({});
  expect(spans[1]?.usage).toBeNull();
  expect(spans[0]?.scope.name).toBe("fastapi");
  expect(spans.map((one) => one.trace_id)).toEqual(["ab".repeat(16), "ab".repeat(16)]);
});

test("a counted span and one with tokens stand in the bill", () => {
  const [first, second] = lightTrace(TREE).spans;
  expect([first && isBilled(first), second && isBilled(second)]).toEqual([true, false]);
});
