/** The filters beside the list, as the server counts them. */
import type { FacetList } from "../api/types.gen";
import { termsOf } from "./filter";

export const FACETS = [
  { key: "status", label: "Status" },
  { key: "kind", label: "Kind" },
  { key: "model", label: "Model" },
  { key: "service", label: "Service" },
  { key: "tool", label: "Tool" },
  { key: "user", label: "User" },
  { key: "session", label: "Session" },
  { key: "source", label: "Source" },
] as const;

export interface FacetValue {
  value: string;
  /** Null: the filter asks for it, and no row has it. */
  count: number | null;
}

export interface Facet {
  key: string;
  label: string;
  values: readonly FacetValue[];
  more: boolean;
}

/** One facet for each key, in our order. What the filter asks for is there, counted or not, so that it can be taken back. */
export function facetsOf(found: FacetList | undefined, q: string): Facet[] {
  const asked = termsOf(q).filter((term) => !term.negated && term.key !== null);
  return FACETS.map(({ key, label }) => {
    const counted = found?.facets.find((facet) => facet.key === key);
    const values: FacetValue[] = [...(counted?.values ?? [])];
    for (const term of asked) {
      if (term.key === key && !values.some((one) => one.value === term.value)) values.push({ value: term.value, count: null });
    }
    return { key, label, values, more: counted?.more ?? false };
  }).filter((facet) => facet.values.length > 0 && !(facet.key === "source" && facet.values.length === 1 && !hasKey(asked, "source")));
}

function hasKey(terms: readonly { key: string | null }[], key: string): boolean {
  return terms.some((term) => term.key === key);
}
