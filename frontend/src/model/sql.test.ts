import { expect, test } from "vitest";
import { brokenAtClauses, tokenizeSql } from "./sql";

const text = (sql: string) => brokenAtClauses(tokenizeSql(sql)).map((token) => token.text).join("");

test("tokens put together are the statement again, whatever it is", () => {
  for (const sql of ["SELECT 'it''s', \"a b\" -- end", "select /* open", "'open", "œ∑ 12.5e3 \u0000 [x] `y`", ""]) {
    expect(tokenizeSql(sql).map((token) => token.text).join("")).toBe(sql);
  }
});

test("keywords, strings, numbers, comments and names are told apart", () => {
  const kinds = tokenizeSql("SELECT Année, 'FROM', 12 /* x */").filter((token) => token.kind !== "space");
  expect(kinds.map((token) => token.kind)).toEqual(["keyword", "name", "symbol", "string", "symbol", "number", "comment"]);
});

test("one line is broken before its clauses and joins, but not inside parentheses", () => {
  expect(text("SELECT a FROM t LEFT OUTER JOIN u ON t.x = u.x WHERE b IN (SELECT c FROM d) GROUP BY a LIMIT 5")).toBe(
    "SELECT a\nFROM t\nLEFT OUTER JOIN u ON t.x = u.x\nWHERE b IN (SELECT c FROM d)\nGROUP BY a\nLIMIT 5",
  );
  expect(text("SELECT left(a, 2) FROM t")).toBe("SELECT left(a, 2)\nFROM t");
});

test("a statement with lines of its own keeps them", () => {
  expect(text("SELECT a\n  FROM t WHERE b")).toBe("SELECT a\n  FROM t WHERE b");
});
