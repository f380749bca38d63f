/** The time that a board shows: a named range up to now, or two times. All of it is in the address. */
import { moment, rangeLabel, rangeName, sinceOf, toNs, type RangeName } from "./range";

export interface BoardSearch {
  q?: string | undefined;
  /** A range's name, or nanoseconds since the epoch. */
  since?: string | undefined;
  until?: string | undefined;
}

type Search = Record<string, unknown>;

export function boardSearch(search: Search): BoardSearch {
  const since = rangeName(search["since"]) ?? moment(search["since"]);
  const q = search["q"];
  return {
    q: typeof q === "string" && q !== "" ? q : undefined,
    since,
    until: rangeName(since) === undefined ? moment(search["until"]) : undefined,
  };
}

export interface Bounds {
  since: bigint | undefined;
  /** Not in the range. */
  until: bigint | undefined;
}

export function boundsOf(search: BoardSearch, nowMs: number): Bounds {
  const name = rangeName(search.since);
  return name
    ? { since: toNs(sinceOf(name, nowMs)), until: undefined }
    : { since: toNs(search.since), until: toNs(search.until) };
}

/** The same length of time just before; undefined where the range is open at its start. */
export function previousOf(bounds: Bounds, nowMs: number): Bounds | undefined {
  if (bounds.since === undefined) return undefined;
  const until = bounds.until ?? BigInt(nowMs) * 1_000_000n;
  const length = until - bounds.since;
  if (length <= 0n || bounds.since < length) return undefined;
  return { since: bounds.since - length, until: bounds.since };
}

/** A time for the address: to the millisecond, or in nanoseconds where it is not whole. */
export function toAddress(ns: bigint): string {
  const ms = ns / 1_000_000n;
  const whole = ms * 1_000_000n === ns && ms < 253_402_300_800_000n;
  return whole ? new Date(Number(ms)).toISOString() : ns.toString();
}

export function windowLabel(search: BoardSearch, show: (ns: string) => string): string {
  const name = rangeName(search.since);
  if (name || (search.since === undefined && search.until === undefined)) return rangeLabel({ since: name });
  const [from, to] = [toNs(search.since), toNs(search.until)];
  if (from === undefined) return `Before ${to === undefined ? "" : show(to.toString())}`;
  return to === undefined ? `Since ${show(from.toString())}` : `${show(from.toString())} to ${show(to.toString())}`;
}

export function named(search: BoardSearch): RangeName | undefined {
  return rangeName(search.since);
}
