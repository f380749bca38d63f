/** A list of groups, page after page, read again when traces arrive. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

interface PageOf {
  next_cursor: string | null;
}

export interface Rows<P> {
  pages: readonly P[] | undefined;
  error: Error | null;
  isOld: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
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
    pages: query.data?.pages,
    error: query.error,
    isOld: query.isPlaceholderData,
    hasMore: query.hasNextPage && !query.isPlaceholderData,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (!query.isFetchingNextPage) void query.fetchNextPage();
    },
    retry: () => void query.refetch(),
  };
}
