import { expect, test } from "vitest";
import { cutOf } from "./cut";

test("the mark of the server names what was cut and its size; what is no size is left out", () => {
  expect(cutOf({ "llm_tracing.cut": { "gen_ai.input.messages": 12_000_000, other: "7", wrong: "many" } })).toEqual(
    new Map([["gen_ai.input.messages", 12_000_000], ["other", 7]]),
  );
  expect(cutOf({ "llm_tracing.cut": "all" })).toEqual(new Map());
  expect(cutOf({})).toEqual(new Map());
});
