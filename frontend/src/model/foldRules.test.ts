import { expect, test } from "vitest";
import type { FoldRule } from "../api/types.gen";
import { moved, readRules, ruleWords } from "./foldRules";

const rule = (id: string, rest: Partial<FoldRule> = {}): FoldRule => ({ id, ...rest }) as FoldRule;

test("a rule reads as words", () => {
  expect(ruleWords(rule("a", { kinds: ["db"], names: ["connect", "check*"], slow_ms: 1000, slow_times: 20 }))).toBe(
    "db · named connect, check* · slow from 1.00 s · or 20 × the middle one",
  );
  expect(ruleWords(rule("a"))).toBe("everything else");
  expect(ruleWords(rule("a", { steps: ["llm"], folds: false }))).toBe("under llm · stays in the story");
});

test("rules move within their list", () => {
  const ids = (rules: readonly FoldRule[]) => rules.map((one) => one.id).join("");
  const rules = ["a", "b", "c"].map((id) => rule(id));
  expect(ids(moved(rules, 1, -1))).toBe("bac");
  expect(ids(moved(rules, 1, 1))).toBe("acb");
  expect(ids(moved(rules, 0, -1))).toBe("abc");
});

test("text that is no list of rules says so", () => {
  expect(readRules('{"rules": [{"id": "a"}]}').rules).toHaveLength(1);
  expect(readRules('[{"id": "a"}]').error).toBeNull();
  expect(readRules("[1]").error).toBe("Each rule is an object.");
  expect(readRules("3").error).toBe("A list of rules is wanted.");
  expect(readRules("[").error).toMatch(/^This is no JSON/);
});
