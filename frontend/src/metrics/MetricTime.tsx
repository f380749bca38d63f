import { useState, type ReactNode } from "react";
import { RangePicker } from "../filter/RangePicker";
import type { MetricsSearch } from "../model/address";
import { useKeys } from "../ui/useKeys";
import { LAST_HOUR } from "./useMetricRange";

/** The time that is shown, in the bar of the list and of one metric. */
export function MetricTime({ search, onChange }: { search: MetricsSearch; onChange: (part: MetricsSearch, replace?: boolean) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  const { since, until } = search;
  useKeys({ range: () => setOpen(true) });
  return <RangePicker range={{ since, until }} fallback={LAST_HOUR} open={open} onOpen={setOpen} onRange={(range) => onChange({ since: range.since, until: range.until }, false)} />;
}
