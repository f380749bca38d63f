import type { ReactNode } from "react";
import type { Evidence, Progress } from "../api/types.gen";
import { plural } from "../format/numbers";
import { visible } from "../format/text";
import type { Place } from "../model/progress";
import { Copy } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import { VerdictWord } from "./CellButton";
import { RowNote } from "./RowNote";

interface Props {
  place: Place;
  progress: Progress;
  onClose: () => void;
}

/** What a cell rests on: the places in what was captured, with an excerpt of each. */
export function EvidencePanel({ place, progress, onClose }: Props): ReactNode {
  const { row, column, cell } = place;
  return (
    <aside className="progress-panel" data-testid="evidence" aria-label="Evidence">
      <header>
        <div>
          <h2>
            {column ? `${column.title} · ` : ""}
            {visible(row.approach)}
          </h2>
          {cell && <VerdictWord cell={cell} />}
        </div>
        <button type="button" className="button panel-close" aria-label="Close the panel" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="progress-panel-body" tabIndex={0} role="region" aria-label="What it rests on">
        {!column && <p>{visible(row.summary)}</p>}
        <RowNote row={row} />
        {column && <p className="muted">{column.asks}</p>}
        {column?.name === "error" && <p className="muted">Asked: {visible(progress.failing_question)}</p>}
        {cell && <p>{visible(cell.why)}</p>}
        {cell && (
          <>
            <h3>{cell.evidence.length === 0 ? "No evidence: nothing was found" : plural(cell.evidence.length, "place")}</h3>
            <ol>
              {cell.evidence.map((one, at) => (
                <Found key={at} evidence={one} />
              ))}
            </ol>
          </>
        )}
      </div>
    </aside>
  );
}

const SOURCES: Record<Evidence["source"], string> = {
  line: "line",
  span: "span",
  log: "log record",
  metric: "metric",
  traffic: "sent",
  process: "process",
  package: "package",
  note: "counted",
};

function Found({ evidence }: { evidence: Evidence }): ReactNode {
  return (
    <li className="found">
      <p>
        <span className="tag">{SOURCES[evidence.source]}</span> <span className="found-place">{visible(evidence.place)}</span>
        <Copy text={evidence.text} label="Copy the excerpt" />
      </p>
      {evidence.field !== null && <code>{visible(evidence.field)}</code>}
      <pre>{visible(evidence.text)}</pre>
    </li>
  );
}
