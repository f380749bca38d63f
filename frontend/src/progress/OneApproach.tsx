import type { ReactNode } from "react";
import type { Progress, ProgressRow } from "../api/types.gen";
import { visible } from "../format/text";
import { cellOf, GROUPS, placeKey } from "../model/progress";
import { CellButton } from "./CellButton";
import { RowNote } from "./RowNote";

interface Props {
  progress: Progress;
  row: ProgressRow | undefined;
  selected: string | undefined;
  onSelect: (key: string | undefined) => void;
}

/** On a phone: one approach at a time. */
export function OneApproach({ progress, row, selected, onSelect }: Props): ReactNode {
  if (!row) return null;
  return (
    <div className="progress-one">
      <label className="progress-choice">
        <span>Approach</span>
        <select value={row.approach} onChange={(event) => onSelect(event.target.value)}>
          {progress.rows.map((one) => (
            <option key={one.approach} value={one.approach}>
              {one.approach}
            </option>
          ))}
        </select>
      </label>
      <p className="muted">{visible(row.summary)}</p>
      <RowNote row={row} />
      {row.outcome === "ran" &&
        GROUPS.map(([group, title]) => (
          <section key={group} aria-label={title}>
            <h2>{title}</h2>
            <ul>
              {progress.columns
                .filter((column) => column.group === group)
                .map((column) => {
                  const cell = cellOf(row, column.name);
                  const key = placeKey(row.approach, column.name);
                  return (
                    <li key={column.name}>
                      <span className="muted">{column.title}</span>
                      {cell && <CellButton cell={cell} label={column.title} selected={selected === key} onSelect={() => onSelect(key)} />}
                    </li>
                  );
                })}
            </ul>
          </section>
        ))}
    </div>
  );
}
