/** The ledger of one step: the lines of its subtree and their sum. */
import type { LedgerLine, Span } from "../api/types.gen";
import { sumDecimals } from "../format/decimal";

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
