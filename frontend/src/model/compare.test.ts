import { describe, expect, it } from "vitest";
import { comparedCounts, compareSteps, differenceOf, nextDifference, stepsOf, suggestions } from "./compare";
import { spansOf, trace } from "./testing";

const usage = (total: number) => ({
  input_tokens: total, output_tokens: 0, cache_read_tokens: null, cache_write_tokens: null, reasoning_tokens: null, total_tokens: total,
});
const first = spansOf([
  ["root", null, { kind: "server", name: "GET /ask" }],
  ["ask", "root", { kind: "chain", name: "ask" }],
  ["write", "ask", { kind: "llm", name: "chat m", usage: usage(100), cost: { total_usd: "0.01", source: "prices", client_usd: null } }],
  ["run", "ask", { kind: "tool", name: "run_sql", duration_ns: "10000000" }],
  ["connect", "run", { kind: "db", name: "connect", folded_into: "run" }],
  ["select", "run", { kind: "db", name: "SELECT", folded_into: "run" }],
]);
const second = spansOf([
  ["root2", null, { kind: "server", name: "GET /ask" }],
  ["ask2", "root2", { kind: "chain", name: "ask" }],
  ["write2", "ask2", { kind: "llm", name: "chat m", usage: usage(130), cost: { total_usd: "0.0125", source: "prices", client_usd: null } }],
  ["check", "ask2", { kind: "guardrail", name: "check" }],
  ["run2", "ask2", { kind: "tool", name: "run_sql", status: "error", duration_ns: "90000000" }],
  ["connect2", "run2", { kind: "db", name: "connect", folded_into: "run2" }],
]);

describe("compareSteps", () => {
  const rows = compareSteps(stepsOf(first), stepsOf(second));
  it("shows folded spans as one step under theirs", () => {
    expect(stepsOf(first).map((step) => step.name)).toEqual(["GET /ask", "ask", "chat m", "run_sql", "connect, SELECT"]);
  });
  it("has a gap where a step is new", () => {
    expect(rows.map((row) => [row.a?.span.span_id ?? null, row.b?.span.span_id ?? null])).toEqual([
      ["root", "root2"], ["ask", "ask2"], ["write", "write2"], [null, "check"], ["run", "run2"], ["run", "run2"],
    ]);
  });
  it("takes the first from the second", () => {
    expect(rows[2]).toMatchObject({ tokens: 30, costUsd: "0.0025" });
    expect(rows[4]).toMatchObject({ durationNs: 80_000_000, statusChanged: true });
  });
  it("names the most telling difference", () => {
    expect(rows.map(differenceOf)).toEqual([null, null, "tokens", "only-b", "status", "name"]);
    expect(comparedCounts(rows)).toEqual({ same: 2, changed: 3, onlyA: 0, onlyB: 1 });
  });
  it("goes from difference to difference, round the end", () => {
    expect([-1, 2, 5].map((from) => nextDifference(rows, from, 1))).toEqual([2, 3, 2]);
    expect([2, 4].map((from) => nextDifference(rows, from, -1))).toEqual([5, 3]);
    expect(nextDifference(compareSteps(stepsOf(first), stepsOf(first)), 0, 1)).toBe(-1);
  });
});

describe("suggestions", () => {
  it("has the same question first, then the same name", () => {
    const own = trace("a", "1", { input: "q" });
    const found = suggestions(own, [trace("b", "3", { name: "POST /x" }), trace("c", "2"), trace("d", "1", { input: "q" }), own]);
    expect(found.map((one) => one.trace_id)).toEqual(["d", "c", "b"]);
  });
});
