import { useState, type ReactNode } from "react";
import type { Span } from "../../api/types.gen";
import { asText, openJson } from "../../format/text";
import { inputAndOutput } from "../../model/copy";
import { tableIn } from "../../model/table";
import { Copy } from "../../ui/Copy";
import { DataTable } from "../../ui/DataTable";
import { JsonTree, PlainText } from "../../ui/JsonTree";

export function InputOutput({ span }: { span: Span }): ReactNode {
  const { input, output } = inputAndOutput(span);
  return (
    <>
      <Value title="Input" value={input} missing="No input was sent." />
      <Value
        title="Output"
        value={output}
        missing={span.duration_ns === null ? "It still runs." : "No output was sent."}
      />
    </>
  );
}

function Value({ title, value, missing }: { title: string; value: unknown; missing: string }): ReactNode {
  const [raw, setRaw] = useState(false);
  const opened = openJson(value);
  const table = tableIn(opened);
  return (
    <section className="value">
      <header>
        <h3>{title}</h3>
        {value !== null && typeof opened === "object" && (
          <button type="button" className="button-quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            raw
          </button>
        )}
        {value !== null && <Copy text={() => asText(value)} label={`Copy the ${title.toLowerCase()}`} />}
      </header>
      {value === null ? (
        <p className="muted">{missing}</p>
      ) : raw ? (
        <PlainText text={asText(opened)} />
      ) : table ? (
        <DataTable table={table} />
      ) : (
        <JsonTree value={opened} />
      )}
    </section>
  );
}
