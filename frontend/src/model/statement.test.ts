import { expect, test } from "vitest";
import { isStatement, statementOf } from "./statement";
import { span } from "./testing";

const tool = (args: unknown) => ({ name: "t", call_id: null, arguments: args, result: null });

test("a database span's statement is found under the new and the old name", () => {
  expect(statementOf(span("a", { kind: "db", attributes: { "db.query.text": "SELECT 1" } }))).toBe("SELECT 1");
  expect(statementOf(span("a", { kind: "db", attributes: { "db.statement": "SELECT 2" } }))).toBe("SELECT 2");
});

test("a tool's statement is found in its arguments or its input, as JSON or as text", () => {
  expect(statementOf(span("a", { kind: "tool", tool: tool({ query: "SELECT 1" }) }))).toBe("SELECT 1");
  expect(statementOf(span("a", { kind: "tool", tool: tool('{"sql": "with x as (select 1) select * from x"}') }))).toMatch(/^with/);
  expect(statementOf(span("a", { kind: "tool", input: "-- top\nSELECT 1" }))).toBe("-- top\nSELECT 1");
});

test("a query in plain words is no statement, nor is the input of another kind of span", () => {
  expect(statementOf(span("a", { kind: "tool", tool: tool({ query: "weather in Bonn" }) }))).toBeNull();
  expect(statementOf(span("a", { kind: "chain", input: "SELECT 1" }))).toBeNull();
});

test("text is a statement only as a whole", () => {
  for (const sql of ["SELECT 1", "select a\nfrom t", "WITH x AS (SELECT 1) SELECT * FROM x"]) expect(isStatement(sql)).toBe(true);
  for (const text of ["Select", "With pleasure: there are 8.", "SELECT 1\n\nThis counts to one.", "The answer is SELECT"]) {
    expect(isStatement(text)).toBe(false);
  }
});
