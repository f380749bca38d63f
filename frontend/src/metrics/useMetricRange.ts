import { useEffect, useState } from "react";
import { RANGES, rangeLabel, type RangeName } from "../model/range";

const FOLLOW_MS = 15_000;

export interface MetricRange {
  name: RangeName;
  label: string;
  since: string;
  until: string;
}

/** The last hour, or what the address names; it goes on with the clock while the page is looked at. */
export function useMetricRange(named: RangeName | undefined): MetricRange {
  const name = named ?? "1h";
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setNow(Date.now()), FOLLOW_MS);
    return () => clearInterval(timer);
  }, []);
  const ms = RANGES.find((one) => one.name === name)?.ms ?? 3_600_000;
  return { name, label: rangeLabel({ since: name }), since: `${now - ms}000000`, until: `${now}000000` };
}
