import type { ReactNode } from "react";
import type { ProgressRow } from "../api/types.gen";
import { visible } from "../format/text";
import { Code } from "../ui/Code";

/** Why an approach did not run, with the command that installs what it needs. */
export function RowNote({ row }: { row: ProgressRow }): ReactNode {
  if (!row.note) return null;
  const at = row.note.indexOf("pip install ");
  const said = (at < 0 ? row.note : row.note.slice(0, at)).replace(/[:\s]+$/, "");
  return (
    <div className="progress-note">
      <p>{visible(said)}.</p>
      {at >= 0 && <Code label="Shell" text={row.note.slice(at)} />}
    </div>
  );
}
