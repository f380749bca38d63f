/** What the list last showed: the way back leads there, and `[` `]` go along its rows. */
import type { TracesSearch } from "../model/address";

let search: TracesSearch = {};
let ids: readonly string[] = [];
let opened: string | undefined;

export function rememberSearch(shown: TracesSearch): void {
  search = shown;
}

export function rememberRows(traceIds: readonly string[]): void {
  ids = traceIds;
}

export function rememberOpened(traceId: string): void {
  opened = traceId;
}

/** The trace looked at last: the list marks it on the way back. */
export function lastOpened(): string | undefined {
  return opened;
}

export function listSearch(): TracesSearch {
  return search;
}

export function neighbours(traceId: string): { newer: string | undefined; older: string | undefined } {
  const at = ids.indexOf(traceId);
  return at < 0 ? { newer: undefined, older: undefined } : { newer: ids[at - 1], older: ids[at + 1] };
}
