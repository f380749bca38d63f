import type { ReactNode } from "react";
import type { StatsRow } from "../api/types.gen";

interface Props {
  /** What the rows are groups of. */
  of: string;
  rows: readonly StatsRow[];
  name: (row: StatsRow) => ReactNode;
  columns: readonly Column[];
  isOld?: boolean;
}

export interface Column {
  head: string;
  cell: (row: StatsRow) => ReactNode;
  isBad?: (row: StatsRow) => boolean;
}

/** Groups with their figures, each named by a link to what is behind it. */
export function RankTable({ of, rows, name, columns, isOld = false }: Props): ReactNode {
  return (
    <div className="scroll-x">
      <table aria-busy={isOld}>
        <thead>
          <tr>
            <th scope="col">{of}</th>
            {columns.map(({ head }) => (
              <th key={head} scope="col" className="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.group ?? ""}>
              <th scope="row" className="cut">
                {name(row)}
              </th>
              {columns.map(({ head, cell, isBad }) => (
                <td key={head} className={`number ${isBad?.(row) ? "error-text" : ""}`}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
