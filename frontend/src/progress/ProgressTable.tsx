import type { ReactNode } from "react";
import type { Progress, ProgressColumn, ProgressRow } from "../api/types.gen";
import { visible } from "../format/text";
import { cellOf, GROUPS, placeKey } from "../model/progress";
import { CellButton } from "./CellButton";

interface Props {
  progress: Progress;
  selected: string | undefined;
  onSelect: (key: string | undefined) => void;
}

/** The approaches from left to right as they grow; a line for each thing that is seen or that costs. */
export function ProgressTable({ progress, selected, onSelect }: Props): ReactNode {
  return (
    <div className="progress-table" tabIndex={0} role="region" aria-label="The approaches side by side">
      <table>
        <thead>
          <tr>
            <td />
            {progress.rows.map((row) => (
              <th key={row.approach} scope="col">
                <ApproachName row={row} selected={selected === row.approach} onSelect={onSelect} />
              </th>
            ))}
          </tr>
        </thead>
        {GROUPS.map(([group, title]) => (
          <tbody key={group}>
            <tr className="progress-group">
              <th colSpan={progress.rows.length + 1} scope="rowgroup">
                {title}
              </th>
            </tr>
            {progress.columns
              .filter((column) => column.group === group)
              .map((column) => (
                <Line key={column.name} column={column} progress={progress} selected={selected} onSelect={onSelect} />
              ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Line({ column, progress, selected, onSelect }: Props & { column: ProgressColumn }): ReactNode {
  return (
    <tr>
      <th scope="row" title={column.asks}>
        {column.title}
      </th>
      {progress.rows.map((row) => {
        const cell = cellOf(row, column.name);
        const key = placeKey(row.approach, column.name);
        return (
          <td key={row.approach}>
            {cell ? (
              <CellButton
                cell={cell}
                label={`${column.title}, ${row.approach}`}
                selected={selected === key}
                onSelect={() => onSelect(selected === key ? undefined : key)}
              />
            ) : (
              <span className="muted progress-none">–</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}

const OUTCOMES: Record<ProgressRow["outcome"], string> = { ran: "", missing: "not installed", failed: "failed" };

function ApproachName({ row, selected, onSelect }: { row: ProgressRow; selected: boolean; onSelect: Props["onSelect"] }): ReactNode {
  return (
    <button
      type="button"
      className="progress-approach"
      title={row.summary}
      aria-pressed={selected}
      onClick={() => onSelect(selected ? undefined : row.approach)}
    >
      {visible(row.approach)}
      {row.outcome !== "ran" && <span className="progress-outcome">{OUTCOMES[row.outcome]}</span>}
    </button>
  );
}
