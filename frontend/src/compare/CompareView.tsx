import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import type { TraceDetail } from "../api/types.gen";
import type { CompareSearch } from "../model/address";
import { comparedCounts, compareSteps, differenceOf, nextDifference, stepsOf } from "../model/compare";
import { listSearch } from "../traces/lastList";
import { useKeys } from "../ui/useKeys";
import { CompareHeader } from "./CompareHeader";
import { CompareRows } from "./CompareRows";
import { PairPanel } from "./PairPanel";

const route = getRouteApi("/compare");

export function CompareView({ a, b }: { a: TraceDetail; b: TraceDetail }): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/compare" });
  const all = useMemo(() => compareSteps(stepsOf(a.spans), stepsOf(b.spans)), [a.spans, b.spans]);
  const counts = useMemo(() => comparedCounts(all), [all]);
  const rows = useMemo(() => (search.only ? all.filter((row) => differenceOf(row) !== null) : all), [all, search.only]);
  const at = rows.findIndex((row) => row.key === search.row);
  const marked = at < 0 ? undefined : rows[at];

  const change = (part: CompareSearch, replace: boolean): void => void navigate({ search: (old) => ({ ...old, ...part }), replace });
  const mark = (index: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row) change({ row: row.key }, true);
  };
  const swap = (): void => {
    const [left, right] = (search.row ?? "").split("~");
    change({ a: b.trace.trace_id, b: a.trace.trace_id, row: search.row === undefined ? undefined : `${right ?? ""}~${left ?? ""}` }, false);
  };
  const onlyDifferent = (): void => change({ only: search.only ? undefined : "different" }, true);
  useKeys({
    nextPair: () => mark(at + 1),
    previousPair: () => mark(at - 1),
    nextDifference: () => mark(nextDifference(rows, at, 1)),
    previousDifference: () => mark(nextDifference(rows, at < 0 ? 0 : at, -1)),
    onlyDifferent,
    swap,
    leaveCompare: () => (marked ? change({ row: undefined }, true) : void navigate({ to: "/", search: listSearch() })),
  });
  return (
    <div className="compare-page">
      <CompareHeader
        a={a.trace}
        b={b.trace}
        counts={counts}
        only={search.only !== undefined}
        onOnly={onlyDifferent}
        onSwap={swap}
        onDrop={(side) => change({ [side]: undefined, row: undefined }, false)}
        onNext={() => mark(nextDifference(rows, at, 1))}
      />
      <div className="compare-body" data-open={marked !== undefined}>
        <CompareRows rows={rows} marked={at} onMark={mark} />
        {marked && <PairPanel key={marked.key} row={marked} a={a.trace} b={b.trace} onClose={() => change({ row: undefined }, true)} />}
      </div>
    </div>
  );
}
