import type { ReactNode } from "react";
import type { Span } from "../../api/types.gen";
import { formatDuration } from "../../format/duration";
import { plural } from "../../format/numbers";
import { visible } from "../../format/text";
import { inputAndOutput } from "../../model/copy";
import { statementOf } from "../../model/statement";
import { tableIn } from "../../model/table";
import { DataTable } from "../../ui/DataTable";
import { Sql } from "../../ui/Sql";

/** The statement and, where the step kept them, its rows. */
export function SqlTab({ span }: { span: Span }): ReactNode {
  const statement = statementOf(span);
  const table = tableIn(inputAndOutput(span).output);
  const system = span.attributes["db.system.name"] ?? span.attributes["db.system"];
  const facts = [
    typeof system === "string" ? visible(system.slice(0, 60)) : null,
    span.duration_ns === null ? "still runs" : formatDuration(span.duration_ns),
    table ? plural(table.rows.length, "row") : null,
  ].filter((fact) => fact !== null);
  return (
    <>
      {statement !== null && <Sql text={statement} />}
      <p className="muted facts">{facts.join(" · ")}</p>
      {table && <DataTable table={table} />}
    </>
  );
}
