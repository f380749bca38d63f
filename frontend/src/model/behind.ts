/** The way from a figure to the traces behind it: the same filter with one more term, and its time. */
import { hasTerm, quote, termsOf } from "./filter";
import { toAddress } from "./window";

export interface Behind {
  q?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** The filter with `key:value` beside what it asks for already: a trace may have several models. */
export function narrowed(q: string | undefined, key: string, value: string): string {
  if (hasTerm(q ?? "", key, value)) return q ?? "";
  return [...termsOf(q ?? "").map((term) => term.text), `${key}:${quote(value)}`].join(" ");
}

/** The search of the list of traces: those that match `q` and began from `since` up to, not at, `until`. */
export function behind(q: string | undefined, since: bigint | undefined, until: bigint | undefined): Behind {
  return {
    q: q || undefined,
    since: since === undefined ? undefined : toAddress(since),
    until: until === undefined ? undefined : toAddress(until),
  };
}

/** The overlap of a bucket with the range that was asked for. */
export function within(
  time: { since: bigint; until: bigint },
  bounds: { since: bigint | undefined; until: bigint | undefined },
): { since: bigint; until: bigint } {
  return {
    since: bounds.since !== undefined && bounds.since > time.since ? bounds.since : time.since,
    until: bounds.until !== undefined && bounds.until < time.until ? bounds.until : time.until,
  };
}
