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

const SHOWN = 8;

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
        <div className="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Tool</th>
                <th scope="col" className="number">
                  Runs
                </th>
                <th scope="col" className="number">
                  Failed
                </th>
                <th scope="col" className="number">
                  p50
                </th>
                <th scope="col" className="number">
                  p95
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.group ?? ""}>
                  <th scope="row" className="cut">
                    <TracesLink to={behind(narrowed(q, "tool", row.group ?? ""), since, until)}>{visible(row.group ?? "")}</TracesLink>
                  </th>
                  <td className="number">{formatCount(row.count)}</td>
                  <td className={`number ${row.error_count > 0 ? "error-text" : ""}`}>
                    {formatCount(row.error_count)} ({share(row.error_count, row.count)})
                  </td>
                  <td className="number">{formatDuration(row.duration_p50_ns)}</td>
                  <td className="number">{formatDuration(row.duration_p95_ns)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.data?.truncated && <p className="muted">The {SHOWN} that ran most.</p>}
    </section>
  );
}
