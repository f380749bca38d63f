import { useEffect, useRef, type ReactNode } from "react";

interface Props {
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
  end: string;
}

/** The foot of a list: reads on when it comes into sight, and by a press. */
export function More({ hasMore, isLoading, onMore, end }: Props): ReactNode {
  const foot = useRef<HTMLDivElement>(null);
  const more = useRef(onMore);
  useEffect(() => {
    more.current = onMore;
  });
  useEffect(() => {
    if (!foot.current || !hasMore) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && more.current(), { rootMargin: "400px" });
    observer.observe(foot.current);
    return () => observer.disconnect();
  }, [hasMore, isLoading]);
  return (
    <div ref={foot} className="list-end muted" role="status">
      {!hasMore && end}
      {hasMore && (
        <button type="button" className="button" disabled={isLoading} onClick={onMore}>
          {isLoading ? "Loading" : "Show more"}
        </button>
      )}
    </div>
  );
}
