/** What a step would have cost on other models, beside what it cost. */
import type { CostOnModel } from "../api/types.gen";
import { sumDecimals } from "../format/decimal";

export interface Elsewhere {
  /** As it was asked for: `provider/name` or a bare name. */
  model: string;
  usd: string | null;
  /** Of the dearest shown, 0 to 1. */
  share: number;
  /** `-83 %`, `×12`, `same`; null where either has no price. */
  change: string | null;
}

/** Cheapest first, those without a price last; only the calls in `within` count. */
export function elsewhere(models: readonly CostOnModel[], within: ReadonlySet<string>, actual: string | null): Elsewhere[] {
  const rows = models.map((one) => ({
    model: one.model,
    usd: one.provider === null && one.unpriced_calls > 0 ? null : sumDecimals(one.lines.filter((line) => within.has(line.span_id)).map((line) => line.usd)),
  }));
  const amounts = [...rows.map((row) => row.usd), actual].map((usd) => (usd === null ? 0 : Number(usd)));
  const most = Math.max(...amounts, 0);
  return rows
    .map((row) => ({ ...row, share: shareOf(row.usd, most), change: changeOf(row.usd, actual) }))
    .sort((a, b) => order(a.usd) - order(b.usd) || a.model.localeCompare(b.model));
}

export function shareOf(usd: string | null, most: number): number {
  return usd === null || most <= 0 ? 0 : Number(usd) / most;
}

/** How one amount compares with another: a percentage up to double, then a factor. */
export function changeOf(usd: string | null, actual: string | null): string | null {
  if (usd === null || actual === null) return null;
  const [now, before] = [Number(usd), Number(actual)];
  if (now === before) return "same";
  if (before === 0) return null;
  const ratio = now / before;
  if (ratio >= 2) return `×${ratio >= 10 ? Math.round(ratio).toLocaleString("en-US") : ratio.toFixed(1)}`;
  const percent = Math.round(Math.abs(ratio - 1) * 100);
  const sign = ratio < 1 ? "−" : "+";
  if (percent === 0) return `${sign}<1 %`;
  // Nearly nothing is not nothing.
  return percent === 100 && ratio > 0 && ratio < 1 ? `−${Math.min(99.9, (1 - ratio) * 100).toFixed(1)} %` : `${sign}${percent} %`;
}

function order(usd: string | null): number {
  return usd === null ? Number.POSITIVE_INFINITY : Number(usd);
}

/** A wish added to the models shown, without those that are there already. */
export function withModel(models: readonly string[], wish: string): readonly string[] {
  const name = wish.trim();
  const there = models.some((one) => one.toLowerCase() === name.toLowerCase());
  return name === "" || there ? models : [...models, name];
}
