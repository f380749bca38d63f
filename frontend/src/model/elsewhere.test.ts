import { expect, test } from "vitest";
import type { CostOnModel } from "../api/types.gen";
import { changeOf, elsewhere, withModel } from "./elsewhere";

const on = (model: string, amounts: Record<string, string | null>, rest: Partial<CostOnModel> = {}): CostOnModel => ({
  model,
  provider: "p",
  total_usd: null,
  unpriced_calls: 0,
  lines: Object.entries(amounts).map(([span_id, usd]) => ({ span_id, usd })),
  ...rest,
});

test("models are in order of what the calls of the step would cost on them", () => {
  const rows = elsewhere(
    [on("dear", { a: "0.3", b: "9" }), on("none", { a: null }), on("cheap", { a: "0.05", b: "0.1" })],
    new Set(["a"]),
    "0.1",
  );
  expect(rows.map((row) => [row.model, row.usd, row.change])).toEqual([
    ["cheap", "0.05", "−50 %"],
    ["dear", "0.3", "×3.0"],
    ["none", null, null],
  ]);
  expect(rows.map((row) => row.share)).toEqual([0.05 / 0.3, 1, 0]);
});

test("a model that nobody knows has no amount, even where calls keep their own price", () => {
  const [row] = elsewhere([on("x", { a: "0.1", b: null }, { provider: null, unpriced_calls: 1 })], new Set(["a", "b"]), "1");
  expect(row?.usd).toBeNull();
});

test("a free model of one's own is no unknown one", () => {
  const [row] = elsewhere([on("own", { a: "0" }, { provider: null })], new Set(["a"]), "0.5");
  expect([row?.usd, row?.change]).toEqual(["0", "−100 %"]);
});

test.each([
  ["1", "1", "same"],
  ["0", "0", "same"],
  ["1", "0", null],
  [null, "1", null],
  ["1.5", "1", "+50 %"],
  ["0.999", "1", "−<1 %"],
  ["1.001", "1", "+<1 %"],
  ["0.004", "1", "−99.6 %"],
  ["0.000001", "1", "−99.9 %"],
  ["0", "1", "−100 %"],
  ["1.996", "1", "+100 %"],
  ["2", "1", "×2.0"],
  ["1234.4", "1", "×1,234"],
])("%s beside %s is %s", (usd, actual, text) => expect(changeOf(usd, actual)).toBe(text));

test("a wish is added once", () => {
  expect(withModel(["a"], " b ")).toEqual(["a", "b"]);
  expect(withModel(["openai/gpt-4o"], "OpenAI/GPT-4o")).toEqual(["openai/gpt-4o"]);
  expect(withModel(["a"], " ")).toEqual(["a"]);
});
