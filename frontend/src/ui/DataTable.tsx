import { useState, type ReactNode } from "react";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import type { Table } from "../model/table";
import { Copy } from "./Copy";

const AT_ONCE = 100;

interface Props {
  table: Table;
  /** Places of rows that stand out, and why: they are new, or gone by now. */
  marked?: ReadonlySet<number>;
  mark?: "new" | "gone";
}

/** The rows that a statement gave: numbers right-aligned, NULL told from the empty text. */
export function DataTable({ table, marked, mark }: Props): ReactNode {
  const [shown, setShown] = useState(AT_ONCE);
  const numeric = table.columns.map((_, at) => table.rows.every((row) => row[at] == null || typeof row[at] === "number"));
  return (
    <figure className="data">
      <figcaption>
        <span className={table.rows.length === 0 ? "status-warning" : "muted"}>
          {table.rows.length === 0 ? "No rows" : plural(table.rows.length, "row")}
          {table.truncated && ", cut at the limit"}
        </span>
        <Copy text={() => tabSeparated(table)} label="Copy the rows, tab-separated" />
      </figcaption>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Rows">
        <table>
          <thead>
            <tr>
              {table.columns.map((name, at) => (
                <th key={at} scope="col" className={numeric[at] ? "number" : ""}>
                  {visible(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.slice(0, shown).map((row, line) => (
              <tr key={line} data-mark={marked?.has(line) ? mark : undefined}>
                {table.columns.map((_, at) => (
                  <td key={at} className={numeric[at] ? "number" : ""} dir="auto">
                    <Cell value={row[at]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {table.rows.length > shown && (
        <button type="button" className="button show-all" onClick={() => setShown(shown + 10 * AT_ONCE)}>
          Show more ({formatCount(table.rows.length - shown)} left)
        </button>
      )}
    </figure>
  );
}

function Cell({ value }: { value: unknown }): ReactNode {
  if (value === null || value === undefined) return <span className="muted null">NULL</span>;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return visible(text.length > 2000 ? text.slice(0, 2000) + "…" : text);
}

function tabSeparated(table: Table): string {
  const line = (cells: readonly unknown[]): string =>
    cells.map((cell) => String(cell === null || cell === undefined ? "" : typeof cell === "object" ? JSON.stringify(cell) : cell).replace(/[\t\r\n]+/g, " ")).join("\t");
  return [line(table.columns), ...table.rows.map(line)].join("\n");
}
