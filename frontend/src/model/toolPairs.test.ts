import { expect, test } from "vitest";
import type { Message, Part } from "./messages";
import { toolPairs } from "./toolPairs";

const message = (role: string, ...parts: Part[]): Message => ({ role, name: null, direction: "input", parts });
const call = (id: string | null, name = "run_sql"): Part => ({ type: "tool_call", id, name, arguments: {} });
const result = (id: string | null, text: string): Part => ({ type: "tool_result", id, result: text });

test("results find their calls by id, whatever the order", () => {
  const pairs = toolPairs([message("assistant", call("a"), call("b", "search")), message("tool", result("b", "two")), message("tool", result("a", "one"))]);
  expect(pairs.get("a")).toEqual({ name: "run_sql", call: 0, result: 2, answer: "one" });
  expect(pairs.get("b")).toEqual({ name: "search", call: 0, result: 1, answer: "two" });
});

test("a call without a result and a result without a call are told", () => {
  const pairs = toolPairs([message("assistant", call("a")), message("tool", result("lost", "x"))]);
  expect(pairs.get("a")?.result).toBeNull();
  expect(pairs.get("lost")).toEqual({ name: "tool", call: null, result: 1, answer: "x" });
});

test("without ids they are matched in order", () => {
  const pairs = toolPairs([message("assistant", call(null, "first"), call(null, "second")), message("tool", result(null, "1")), message("tool", result(null, "2"))]);
  expect([...pairs.values()].map((pair) => [pair.name, pair.answer])).toEqual([["first", "1"], ["second", "2"]]);
});
