import { expect, test } from "vitest";
import type { LedgerLine } from "../api/types.gen";
import { billOf, subtreeOf } from "./bill";
import { spansOf } from "./testing";

const line = (id: string, rest: Partial<LedgerLine> = {}): LedgerLine => ({
  span_id: id,
  name: id,
  provider: null,
  model: null,
  counted: true,
  not_counted_because: null,
  fresh_input_tokens: 10,
  cache_read_tokens: 5,
  cache_write_tokens: 0,
  output_tokens: 3,
  reasoning_tokens: 1,
  attributes: {},
  total_usd: "0.1",
  unpriced_because: null,
  ...rest,
});

test("the bill of a step is the counted lines under it, added exactly", () => {
  const spans = spansOf([["a", null], ["b", "a"], ["c", "b"], ["d", "a"]]);
  const ledger = [line("c"), line("d", { total_usd: "0.2" }), line("b", { counted: false, not_counted_because: "repeats" })];
  const all = billOf(ledger, subtreeOf(spans, "a"));
  expect(all.total).toMatchObject({ fresh: 20, cacheRead: 10, output: 6, reasoning: 2, usd: "0.3", unpriced: 0 });
  expect(all.notCounted.map((one) => one.span_id)).toEqual(["b"]);
  expect(billOf(ledger, subtreeOf(spans, "b")).counted.map((one) => one.span_id)).toEqual(["c"]);
});

test("without any price there is no sum, and a missing price is counted", () => {
  expect(billOf([line("a", { total_usd: null })], new Set(["a"])).total).toMatchObject({ usd: null, unpriced: 1 });
  expect(billOf([line("a", { total_usd: "0" })], new Set(["a"])).total).toMatchObject({ usd: "0", unpriced: 0 });
});
