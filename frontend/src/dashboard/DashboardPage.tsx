import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import { boards } from "../api/boards";
import type { StatsRow } from "../api/types.gen";
import { BoardBar } from "../board/BoardBar";
import { useBoard, type Board } from "../board/useBoard";
import { bucketsOf, type Buckets } from "../model/buckets";
import { toAddress, type BoardSearch } from "../model/window";
import { Failure, Skeleton } from "../ui/Notice";
import { useTitle } from "../ui/useTitle";
import { Charts } from "./Charts";
import { CostBy } from "./CostBy";
import { NothingYet } from "./NothingYet";
import { Tiles } from "./Tiles";
import { Tools } from "./Tools";
import { TopTraces } from "./TopTraces";
import { ReachNote } from "../ui/StoreNotes";

const route = getRouteApi("/dashboard");

/** How the service does: everything of the traces that match the filter and began in the range, on one time axis. */
export function DashboardPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/dashboard" });
  const input = useRef<HTMLInputElement>(null);
  const board = useBoard(search);
  const totals = useQuery(boards.stats({ ...board.chosen, over: "traces" }));
  const change = useCallback(
    (part: BoardSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  useTitle("Dashboard");
  const total = totals.data?.rows[0];
  const refused = totals.error instanceof ApiFailure && totals.error.status === 400;
  return (
    <div className="board">
      <BoardBar title="Dashboard" search={search} error={totals.error} inputRef={input} onChange={change} />
      {totals.isPending && <Skeleton rows={8} tall />}
      {totals.isError && !totals.data && !refused && <Failure error={totals.error} onRetry={() => void totals.refetch()} />}
      {totals.data && !total?.count && <NothingYet search={search} onChange={change} />}
      {total !== undefined && total.count > 0 && <Panels board={board} search={search} total={total} onChange={change} />}
    </div>
  );
}

interface PanelsProps {
  board: Board;
  search: BoardSearch;
  total: StatsRow;
  onChange: (part: BoardSearch, replace: boolean) => void;
}

function Panels({ board, search, total, onChange }: PanelsProps): ReactNode {
  const buckets = useBuckets(board, total);
  const zoom = (from: number, to: number): void =>
    onChange({ since: toAddress(whole(from)), until: toAddress(whole(to) + 1_000_000n) }, false);
  return (
    <div className="board-body">
      <ReachNote since={board.bounds.since} />
      <Tiles board={board} total={total} />
      <Charts board={board} q={search.q} buckets={buckets} onRange={zoom} />
      <div className="board-lists">
        <TopTraces board={board} by="duration" title="Slowest traces" />
        <TopTraces board={board} by="cost" title="Dearest traces" />
        <CostBy board={board} q={search.q} />
        <Tools board={board} q={search.q} />
      </div>
    </div>
  );
}

function whole(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1000)) * 1_000_000n;
}

/** The range where it is closed, else the time in which there are traces. */
function useBuckets(board: Board, total: StatsRow): Buckets {
  const { since, until } = board.bounds;
  const first = total.first_time_unix_nano ?? "0";
  const last = total.last_time_unix_nano ?? "0";
  const now = since !== undefined && until === undefined ? BigInt(board.nowMs) * 1_000_000n : undefined;
  return useMemo(() => {
    const open = now !== undefined && now > BigInt(last) ? now : BigInt(last);
    return bucketsOf(since ?? BigInt(first), until !== undefined ? until - 1n : open);
  }, [since, until, now, first, last]);
}
