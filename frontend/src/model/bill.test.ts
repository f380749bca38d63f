import { expect, test } from "vitest";
import type { LedgerLine } from "../api/types.gen";
import { BUCKET_LABELS, billOf, COLUMNS, subtreeOf, tokensOf, unitPrice } from "./bill";
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
  buckets: [],
  call_usd: null,
  total_usd: "0.1",
  unpriced_because: null,
  price_source: null,
  priced_as: null,
  client_usd: null,
  provider_total_tokens: null,
  provider_total_attribute: null,
  total_disagrees: false,
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

test("each bucket has one column and a name", () => {
  const buckets = COLUMNS.flatMap((column) => column.buckets);
  expect(new Set(buckets).size).toBe(buckets.length);
  expect([...buckets].sort()).toEqual(Object.keys(BUCKET_LABELS).sort());
});

test("a column has a unit price where its buckets have the same", () => {
  const [fresh, read] = COLUMNS;
  const bucket = (name: LedgerLine["buckets"][number]["bucket"], tokens: number, price: string | null): LedgerLine["buckets"][number] => ({
    bucket: name,
    tokens,
    attribute: null,
    usd_per_million: price,
    usd: null,
  });
  const plain = line("a", { buckets: [bucket("fresh_input", 10, "0.15"), bucket("cache_read", 5, "0.075"), bucket("input_image", 2, "0.15")] });
  const mixed = line("b", { buckets: [bucket("fresh_input", 10, "2.5"), bucket("input_audio", 5, "40")] });
  if (!fresh || !read) throw new Error("no columns");
  expect([unitPrice(plain, fresh), unitPrice(plain, read), unitPrice(mixed, fresh), unitPrice(mixed, read)]).toEqual(["0.15", "0.075", "several", null]);
  expect(tokensOf(mixed)).toBe(15);
});
