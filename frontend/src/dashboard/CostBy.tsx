import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { boards } from "../api/boards";
import type { StatsRow } from "../api/types.gen";
import { Money } from "../board/Money";
import { TracesLink } from "../board/links";
import type { Board } from "../board/useBoard";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { behind, narrowed } from "../model/behind";
import { Skeleton } from "../ui/Notice";
import { RankTable, type Column } from "./RankTable";

const SHOWN = 6;
const GROUPS = ["model", "service", "user", "session"] as const;
const COLUMNS: readonly Column[] = [
  { head: "Tokens", cell: (row) => formatCount(row.usage.total_tokens ?? 0) },
  { head: "Cost", cell: (row) => <Money cost={row.cost} /> },
];
type Group = (typeof GROUPS)[number];

/** Who and what the money went to; each leads to its traces. */
export function CostBy({ board, q }: { board: Board; q: string | undefined }): ReactNode {
  const [group, setGroup] = useState<Group>("service");
  const over = group === "model" ? "calls" : "traces";
  const found = useQuery(boards.stats({ ...board.chosen, over, group, by: "cost", limit: SHOWN }));
  const rows = found.data?.rows;
  return (
    <section className="board-list" aria-label="Cost" data-testid="cost-by">
      <div className="board-list-head">
        <h2>Cost by {group}</h2>
        <div className="segments" role="group" aria-label="Cost by">
          {GROUPS.map((one) => (
            <button key={one} type="button" aria-pressed={one === group} onClick={() => setGroup(one)}>
              {one}
            </button>
          ))}
        </div>
      </div>
      {!rows && <Skeleton rows={SHOWN} />}
      {rows && (
        <RankTable
          of={group}
          rows={rows}
          name={(row) => <Name row={row} group={group} board={board} q={q} />}
          columns={[{ head: over === "calls" ? "Calls" : "Traces", cell: (row) => formatCount(row.count) }, ...COLUMNS]}
          isOld={found.isPlaceholderData}
        />
      )}
      {found.data?.truncated && <p className="muted">The {SHOWN} that cost most.</p>}
    </section>
  );
}

function Name({ row, group, board, q }: { row: StatsRow; group: Group; board: Board; q: string | undefined }): ReactNode {
  if (row.group === null) return <span className="muted">no {group} named</span>;
  const { since, until } = board.bounds;
  return <TracesLink to={behind(narrowed(q, group, row.group), since, until)}>{visible(row.group)}</TracesLink>;
}
