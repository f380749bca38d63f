/** What a list of pages that grows at both ends tells of its state. */
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

export interface FeedState {
  /** The rows are those of the filter before; the new ones are on their way, or the filter is refused. */
  isOld: boolean;
  error: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  reload: () => void;
}

export function feedState(query: UseInfiniteQueryResult<InfiniteData<unknown>>): FeedState {
  return {
    isOld: query.isPlaceholderData || query.isError,
    error: query.error,
    hasMore: query.hasNextPage && !query.isPlaceholderData,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (!query.isFetchingNextPage) void query.fetchNextPage();
    },
    reload: () => void query.refetch(),
  };
}

/** The rows; after a refused filter those of the one before, which stay in sight. */
export function useRowsOrLast<R>(rows: R | undefined, refused: boolean): R | undefined {
  const last = useRef(rows);
  useEffect(() => {
    if (rows) last.current = rows;
  }, [rows]);
  return rows ?? (refused ? last.current : undefined);
}
