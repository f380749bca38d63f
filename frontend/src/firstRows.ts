/** The rows that a page opens with, asked for before anything is drawn: the page is then drawn once, with them. */
import type { QueryClient } from "@tanstack/react-query";
import { queries } from "./api/queries";
import { tracesSearch } from "./model/address";
import { parseSearch } from "./model/search";
import { tracesQuery } from "./traces/tracesQuery";

/** Resolves when they are there or could not be had, which the page then tells; at once for a page that needs none. */
export async function firstRows(client: QueryClient, address: { pathname: string; search: string }): Promise<void> {
  if (address.pathname === "/") {
    const { q, since, until } = tracesSearch(parseSearch(address.search));
    await client.prefetchInfiniteQuery(tracesQuery(q ?? "", { since, until }));
    return;
  }
  const traceId = /^\/traces\/([^/]+)$/.exec(address.pathname)?.[1];
  if (traceId !== undefined) await client.prefetchQuery(queries.tree(decodeURIComponent(traceId)));
}
