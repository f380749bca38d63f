import { expect, test } from "vitest";
import type { Progress, ProgressCell, ProgressRow } from "../api/types.gen";
import { findPlace, placeKey, step, wordOf } from "./progress";

const cell = (column: string, part: Partial<ProgressCell> = {}): ProgressCell => ({
  column,
  verdict: "yes",
  word: "yes",
  number: null,
  unit: null,
  why: "",
  evidence: [],
  ...part,
});

const row = (approach: string, outcome: ProgressRow["outcome"] = "ran"): ProgressRow => ({
  approach,
  summary: "",
  outcome,
  note: null,
  cells: outcome === "ran" ? [cell("sql"), cell("cpu", { verdict: "number", word: "+2.0 ms" })] : [],
});

const PROGRESS: Progress = {
  question: "q",
  answer: "a",
  sql: null,
  failing_question: "f",
  created_at_unix_nano: "1",
  version: "1",
  rounds: 1,
  requests_a_round: 1,
  columns: [
    { name: "sql", title: "SQL", asks: "", group: "seen" },
    { name: "cpu", title: "CPU", asks: "", group: "cost" },
  ],
  rows: [row("none"), row("json", "missing"), row("otel")],
};

test("a key names an approach or one cell of it", () => {
  expect(findPlace(PROGRESS, "otel.cpu")?.cell?.word).toBe("+2.0 ms");
  expect(findPlace(PROGRESS, "json")).toMatchObject({ row: { approach: "json" }, column: undefined });
  expect(findPlace(PROGRESS, "json.sql")?.cell).toBeUndefined();
  expect(findPlace(PROGRESS, "other.sql")).toBeUndefined();
  expect(findPlace(PROGRESS, "otel.other")?.column).toBeUndefined();
  expect(findPlace(PROGRESS, undefined)).toBeUndefined();
});

test("the keys go along the cells, past approaches that did not run, and stop at the edges", () => {
  expect(step(PROGRESS, undefined, 1, 0)).toBe("none.sql");
  expect(step(PROGRESS, "none.sql", 0, 1)).toBe("otel.sql");
  expect(step(PROGRESS, "otel.sql", 0, 1)).toBe("otel.sql");
  expect(step(PROGRESS, "otel.sql", 1, 0)).toBe("otel.cpu");
  expect(step(PROGRESS, "otel.cpu", 1, 0)).toBe("otel.cpu");
  expect(step(PROGRESS, "otel", 1, 0)).toBe("otel.sql");
  expect(step({ ...PROGRESS, rows: [row("json", "missing")] }, undefined, 1, 0)).toBeUndefined();
});

test("a word that only repeats the verdict is not said twice", () => {
  expect(wordOf(cell("sql"))).toBe("");
  expect(wordOf(cell("sql", { word: "2 of 3" }))).toBe("2 of 3");
  expect(placeKey("otel", "sql")).toBe("otel.sql");
});
