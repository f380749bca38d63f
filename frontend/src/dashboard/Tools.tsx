import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import { TracesLink } from "../board/links";
import type { Board } from "../board/useBoard";
import { formatDuration } from "../format/duration";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { behind, narrowed } from "../model/behind";
import { share } from "../model/delta";
import { Skeleton } from "../ui/Notice";
import { RankTable, type Column } from "./RankTable";

const SHOWN = 8;
const COLUMNS: readonly Column[] = [
  { head: "Runs", cell: (row) => formatCount(row.count) },
  {
    head: "Failed",
    cell: (row) => `${formatCount(row.error_count)} (${share(row.error_count, row.count)})`,
    isBad: (row) => row.error_count > 0,
  },
  { head: "p50", cell: (row) => formatDuration(row.duration_p50_ns) },
  { head: "p95", cell: (row) => formatDuration(row.duration_p95_ns) },
];

/** Tools by name: how often they ran, how often they failed, how long they took. */
export function Tools({ board, q }: { board: Board; q: string | undefined }): ReactNode {
  const found = useQuery(boards.stats({ ...board.chosen, over: "tools", group: "name", limit: SHOWN }));
  const rows = found.data?.rows;
  const { since, until } = board.bounds;
  return (
    <section className="board-list" aria-label="Tools" data-testid="tools">
      <h2>Tools</h2>
      {!rows && <Skeleton rows={4} />}
      {rows?.length === 0 && <p className="muted">No tool ran in these traces.</p>}
      {rows && rows.length > 0 && (
        <RankTable
          of="Tool"
          rows={rows}
          name={({ group }) => <TracesLink to={behind(narrowed(q, "tool", group ?? ""), since, until)}>{visible(group ?? "")}</TracesLink>}
          columns={COLUMNS}
        />
      )}
      {found.data?.truncated && <p className="muted">The {SHOWN} that ran most.</p>}
    </section>
  );
}
