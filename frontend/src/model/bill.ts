/** The ledger of one step: the lines of its subtree and their sum. */
import type { LedgerBucket, LedgerLine, Span } from "../api/types.gen";
import { sumDecimals } from "../format/decimal";

type Bucket = LedgerBucket["bucket"];

/** The columns of the bill; each bucket of a line is in one of them. */
export interface Column {
  label: string;
  line: "fresh_input_tokens" | "cache_read_tokens" | "cache_write_tokens" | "output_tokens" | "reasoning_tokens";
  total: "fresh" | "cacheRead" | "cacheWrite" | "output" | "reasoning";
  buckets: readonly Bucket[];
  /** Shown even if nothing is in it. */
  always: boolean;
}

export const COLUMNS: readonly Column[] = [
  { label: "Fresh in", line: "fresh_input_tokens", total: "fresh", buckets: ["fresh_input", "input_audio", "input_image"], always: true },
  { label: "Cache read", line: "cache_read_tokens", total: "cacheRead", buckets: ["cache_read", "cache_read_audio"], always: true },
  { label: "Cache write", line: "cache_write_tokens", total: "cacheWrite", buckets: ["cache_write", "cache_write_5m", "cache_write_1h"], always: false },
  { label: "Out", line: "output_tokens", total: "output", buckets: ["output", "output_audio", "output_image"], always: true },
  { label: "Reasoning", line: "reasoning_tokens", total: "reasoning", buckets: ["reasoning"], always: false },
];

export const BUCKET_LABELS: Readonly<Record<Bucket, string>> = {
  fresh_input: "Fresh input",
  input_audio: "Audio in",
  input_image: "Images in",
  cache_read: "Cache read",
  cache_read_audio: "Cache read, audio",
  cache_write: "Cache write",
  cache_write_5m: "Cache write, 5 minutes",
  cache_write_1h: "Cache write, 1 hour",
  output: "Output",
  reasoning: "Reasoning",
  output_audio: "Audio out",
  output_image: "Images out",
};

/** The unit price of a line in a column; `several` if its buckets differ, null if there is none. */
export function unitPrice(line: LedgerLine, column: Column): string | null {
  const prices = new Set(line.buckets.filter((one) => column.buckets.includes(one.bucket)).map((one) => one.usd_per_million));
  const [price = null] = prices;
  return prices.size > 1 ? "several" : price;
}

export function tokensOf(line: LedgerLine): number {
  return line.buckets.reduce((sum, one) => sum + one.tokens, 0);
}

export interface Bill {
  counted: readonly LedgerLine[];
  notCounted: readonly LedgerLine[];
  total: Totals;
}

export interface Totals {
  fresh: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  usd: string | null;
  unpriced: number;
}

export function billOf(ledger: readonly LedgerLine[], within: ReadonlySet<string>): Bill {
  const lines = ledger.filter((line) => within.has(line.span_id));
  const counted = lines.filter((line) => line.counted);
  const sum = (pick: (line: LedgerLine) => number): number => counted.reduce((total, line) => total + pick(line), 0);
  return {
    counted,
    notCounted: lines.filter((line) => !line.counted),
    total: {
      fresh: sum((line) => line.fresh_input_tokens),
      cacheRead: sum((line) => line.cache_read_tokens),
      cacheWrite: sum((line) => line.cache_write_tokens),
      output: sum((line) => line.output_tokens),
      reasoning: sum((line) => line.reasoning_tokens),
      usd: sumDecimals(counted.map((line) => line.total_usd)),
      unpriced: counted.filter((line) => line.total_usd === null).length,
    },
  };
}

/** A span and everything under it. Spans arrive parents before children, so one pass is enough. */
export function subtreeOf(spans: readonly Span[], root: string): Set<string> {
  const inside = new Set([root]);
  for (const span of spans) {
    if (span.parent_span_id !== null && inside.has(span.parent_span_id)) inside.add(span.span_id);
  }
  return inside;
}
