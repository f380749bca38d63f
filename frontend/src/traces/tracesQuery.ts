/** The rows of the list, page by page: what is asked, and the key it is kept under. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api } from "../api/client";
import { sinceOf, type Range } from "../model/range";

/** Rows of a page; the server asks for the first of them early by the same number (src/llm_tracing/ui/early.py). */
export const PAGE = 50;

export function tracesQuery(q: string, { since, until }: Range) {
  return infiniteQueryOptions({
    queryKey: ["traces", q, since ?? "any", until ?? "any"] as const,
    queryFn: ({ pageParam, signal }) =>
      api.traces({ q, since: sinceOf(since, Date.now()), until, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
}
