/** A list of groups, page after page, read again when traces arrive. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { feedState, type FeedState } from "../ui/feedState";

interface PageOf {
  next_cursor: string | null;
}

export interface Rows<P> extends FeedState {
  pages: readonly P[] | undefined;
}

export function useRows<P extends PageOf>(
  key: readonly unknown[],
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<P>,
): Rows<P> {
  const query = useInfiniteQuery({
    queryKey: ["groups", ...key],
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: P) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  return {
    ...feedState(query),
    pages: query.data?.pages,
    isOld: query.isPlaceholderData, // after an error they are the rows of this filter still
  };
}
