import { useEffect, useState } from "react";
import { rangeLabel, rangeName, RANGES, sinceOf, type Range, type RangeName } from "../model/range";

const FOLLOW_MS = 15_000;

/** Where the address names no time. */
export const LAST_HOUR: RangeName = "1h";

export interface MetricRange {
  label: string;
  since: string;
  until: string;
}

/** The last hour, or what the address says; up to now, it goes on with the clock while the page is looked at. */
export function useMetricRange({ since, until }: Range): MetricRange {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until !== undefined) return undefined;
    const timer = setInterval(() => !document.hidden && setNow(Date.now()), FOLLOW_MS);
    return () => clearInterval(timer);
  }, [until]);
  const end = until ?? `${now}000000`;
  const name = since === undefined ? LAST_HOUR : rangeName(since);
  const ms = RANGES.find((range) => range.name === name)?.ms ?? 0;
  return {
    label: rangeLabel(since === undefined && until === undefined ? { since: name } : { since, until }),
    // An hour before the end, where only that is named.
    since: since === undefined ? `${BigInt(end) - BigInt(ms) * 1_000_000n}` : (sinceOf(since, now) ?? "0"),
    until: end,
  };
}
