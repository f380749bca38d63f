/** Counts over the rows at hand, for the filters beside the list. */
import type { TraceSummary } from "../api/types.gen";

export interface FacetValue {
  value: string;
  count: number;
}

export interface Facet {
  key: "status" | "service" | "model";
  label: string;
  values: readonly FacetValue[];
}

export function facetsOf(traces: readonly TraceSummary[]): Facet[] {
  return [
    { key: "status", label: "Status", values: count(traces.map((trace) => ended(trace.status))) },
    { key: "service", label: "Service", values: count(traces.map((trace) => trace.service)) },
    { key: "model", label: "Model", values: count(traces.flatMap((trace) => [...new Set(trace.models)])) },
  ];
}

/** As the filter has it: `status:ok` finds what ended without an error, said or left unset. */
function ended(status: TraceSummary["status"]): string {
  return status === "unset" ? "ok" : status;
}

function count(values: readonly string[]): FacetValue[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, number]) => ({ value, count: number }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}
