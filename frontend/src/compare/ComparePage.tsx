import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import { useChanges } from "../api/hooks";
import { queries } from "../api/queries";
import { Failure, Skeleton } from "../ui/Notice";
import { useTitle } from "../ui/useTitle";
import { CompareView } from "./CompareView";
import { Picker } from "./Picker";

const route = getRouteApi("/compare");

/** Two traces beside each other; one that is not chosen yet is asked for. */
export function ComparePage(): ReactNode {
  const { a, b } = route.useSearch();
  const navigate = useNavigate({ from: "/compare" });
  const first = useQuery({ ...queries.trace(a ?? ""), enabled: a !== undefined });
  const second = useQuery({ ...queries.trace(b ?? ""), enabled: b !== undefined });
  const { refetch: readFirst } = first;
  const { refetch: readSecond } = second;
  const onChange = useCallback(
    (ids: readonly string[] | null) => {
      // Without a stream nothing is asked for again: a comparison that moves by itself helps nobody.
      if (a !== undefined && ids?.includes(a)) void readFirst();
      if (b !== undefined && ids?.includes(b)) void readSecond();
    },
    [a, b, readFirst, readSecond],
  );
  useChanges(a !== undefined || b !== undefined, onChange);
  useTitle("Compare");

  const error = first.error ?? second.error;
  if (error) {
    const gone = error instanceof ApiFailure && error.status === 404;
    return (
      <div className="blank">
        <Failure error={error} onRetry={() => void (first.error ? first.refetch() : second.refetch())} />
        {gone && (
          <button
            type="button"
            className="button"
            onClick={() => void navigate({ search: (old) => ({ ...old, [first.error ? "a" : "b"]: undefined, row: undefined }) })}
          >
            Choose another trace
          </button>
        )}
      </div>
    );
  }
  if (a === undefined || b === undefined) {
    const side = a === undefined ? "a" : "b";
    const known = side === "a" ? second.data?.trace : first.data?.trace;
    return <Picker side={side} beside={known} onPick={(id) => void navigate({ search: (old) => ({ ...old, [side]: id }) })} />;
  }
  if (!first.data || !second.data) return <Skeleton rows={14} />;
  return <CompareView a={first.data} b={second.data} />;
}
