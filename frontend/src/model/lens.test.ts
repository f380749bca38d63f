import { describe, expect, it } from "vitest";
import type { SqlEpisode, SqlStep } from "../api/types.gen";
import { executedNote, lensSummary, outcomeOf, stepFacts } from "./lens";

function step(rest: Partial<SqlStep>): SqlStep {
  return {
    span_id: "a", generated: null, executed: null, executed_by: null, system: null, changes: [], outcome: "rows", table: null,
    row_count: null, duration_ns: null, error_type: null, error_message: null, ...rest,
  };
}
const episode = (...steps: SqlStep[]): SqlEpisode => ({ span_id: "e", question: null, steps, answer: null, is_unfounded: false });

describe("the lens in words", () => {
  it("marks what returned nothing in amber and what was refused in red", () => {
    expect(outcomeOf(step({ outcome: "empty", row_count: 0 }))).toEqual({ words: "No rows", tone: "warning" });
    expect(outcomeOf(step({ outcome: "nulls" })).tone).toBe("warning");
    expect(outcomeOf(step({ outcome: "refused" })).tone).toBe("error");
    expect(outcomeOf(step({ row_count: 1 })).words).toBe("1 row");
  });
  it("says what was observed", () => {
    expect(executedNote(step({ executed_by: "tool" }))).toContain("not observed");
    expect(executedNote(step({ executed_by: "database" }))).toBeNull();
    expect(stepFacts(step({ duration_ns: "1200000", system: "sqlite" }))).toBe("1.2 ms · sqlite");
  });
  it("sums up", () => {
    expect(lensSummary([episode(step({}), step({ outcome: "refused" })), episode(step({ outcome: "nulls" }))])).toBe(
      "2 questions · 3 statements · 1 returned nothing · 1 refused",
    );
  });
});
