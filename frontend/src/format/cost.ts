import { isZero } from "./decimal";
import { formatCount } from "./numbers";

/** What stands where no price is known: never `$0`. */
export const UNPRICED = "–";

/**
 * Money for a row: `$12.34`, two significant digits below a cent (`$0.0015`), `$0` only for a true zero.
 * null (no price) is the dash.
 */
export function formatCost(usd: string | null | undefined): string {
  if (usd === null || usd === undefined) return UNPRICED;
  if (isZero(usd)) return "$0";
  const value = Number(usd);
  if (!Number.isFinite(value)) return UNPRICED;
  const size = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  if (size >= 1000) return `${sign}$${formatCount(Math.round(size))}`;
  if (size >= 0.1) return `${sign}$${size.toFixed(2)}`;
  const places = Math.min(12, 1 - Math.floor(Math.log10(size)));
  return `${sign}$${size.toFixed(places)}`;
}

/** A unit price, exact, with cents where it has any: `$3`, `$2.50`, `$0.075`. */
export function formatUnitPrice(usd: string): string {
  const [whole = "0", fraction = ""] = usd.split(".");
  return fraction === "" ? `$${whole}` : `$${whole}.${fraction.padEnd(2, "0")}`;
}

/** Why a trace's cost is the dash or is not the whole of it; null when every call has a price. */
export function costNote(cost: { total_usd: string | null; unpriced_calls: number }): string | null {
  const calls = cost.unpriced_calls === 1 ? "1 call" : `${formatCount(cost.unpriced_calls)} calls`;
  if (cost.total_usd === null) {
    return cost.unpriced_calls > 0 ? `Unpriced: no price known for ${calls}.` : "No counted call to price.";
  }
  return cost.unpriced_calls > 0 ? `Without ${calls} that ${cost.unpriced_calls === 1 ? "has" : "have"} no known price.` : null;
}
