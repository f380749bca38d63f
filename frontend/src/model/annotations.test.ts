import { expect, test } from "vitest";
import type { Annotation } from "../api/types.gen";
import { chipsOf, details, markOf, ownThumb, verdict } from "./annotations";

function said(rest: Partial<Annotation>): Annotation {
  return {
    annotation_id: "a", trace_id: "t", span_id: "s", run_id: null, key: "k", score: null, value: null, comment: null,
    correction: null, source: null, created_at_unix_nano: "1", modified_at_unix_nano: "1", ...rest,
  };
}

test.each([
  [{ score: 1 }, "1"],
  [{ score: 0, value: "x" }, "0"],
  [{ score: 1 / 3 }, "0.3333"],
  [{ value: "good" }, "good"],
  [{ value: { a: 1 } }, '{"a":1}'],
  [{ value: false }, "false"],
  [{}, ""],
])("the verdict of %j is %j", (rest, expected) => {
  expect(verdict(said(rest))).toBe(expected);
});

test("what is said beside the verdict: remark, correction, who", () => {
  expect(details(said({ comment: "rude", correction: "hello", source: { type: "model" } }))).toBe('rude\nshould be "hello"\nby model');
  expect(details(said({}))).toBe("");
});

test("the own thumb is the one given here", () => {
  const own = said({ key: "user_score", score: 0, source: { type: "app" } });
  const others = [said({ key: "user_score", score: 1, source: { type: "api" } }), said({ key: "note", source: { type: "app" } })];
  expect(ownThumb([...others, own])).toBe(own);
  expect(ownThumb(others)).toBeUndefined();
});

test("a mark is a tag or a score", () => {
  expect(markOf(" beta ")).toEqual({ key: "tag", value: "beta" });
  expect(markOf("quality = 0.8")).toEqual({ key: "quality", score: 0.8 });
  expect(markOf("tone:-1")).toEqual({ key: "tone", score: -1 });
  expect(markOf("see: there")).toEqual({ key: "tag", value: "see: there" });
  expect(markOf("  ")).toBeNull();
});

test("many annotations come to a few chips", () => {
  const thumbs = [1, 0, 1].map((score) => said({ key: "user_score", score }));
  const rest = [said({ key: "tag", value: "beta" }), said({ key: "tag", value: "beta" }), said({ key: "quality", score: 0.5 }), said({ key: "note", comment: "x" })];
  expect(chipsOf([...thumbs, ...rest])).toEqual({ good: 2, bad: 1, tags: ["beta"], scores: ["quality 0.5"], notes: 1 });
});
