import { expect, test } from "vitest";
import { isTab, tabsOf } from "./tabs";
import { span } from "./testing";

test("a call of a model has its conversation first, even without content", () => {
  expect(tabsOf(span("a", { kind: "llm" }), true)).toEqual(["conversation", "ledger", "attributes", "logs", "raw"]);
});

test("a step that ran SQL has the statement first", () => {
  const tool = { name: "run_sql", call_id: null, arguments: { query: "SELECT 1" }, result: null };
  expect(tabsOf(span("a", { kind: "tool", tool }), false)).toEqual(["sql", "io", "attributes", "logs", "raw"]);
});

test("a plain span has no empty tabs", () => {
  expect(tabsOf(span("a"), false)).toEqual(["attributes", "logs", "raw"]);
});

test("only names of tabs are tabs", () => {
  expect(isTab("sql")).toBe(true);
  for (const value of ["nope", undefined, 1]) expect(isTab(value)).toBe(false);
});
