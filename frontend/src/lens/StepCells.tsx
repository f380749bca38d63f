import { useMutation } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { api } from "../api/client";
import type { LensDatabase, SqlStep } from "../api/types.gen";
import { visible } from "../format/text";
import { executedNote, outcomeOf, stepFacts } from "../model/lens";
import { Copy } from "../ui/Copy";
import { DataTable } from "../ui/DataTable";
import { Icon } from "../ui/Icon";
import { PlainText } from "../ui/JsonTree";
import { Failure } from "../ui/Notice";
import { Sql } from "../ui/Sql";
import { SqlDifference } from "../ui/TextDiff";
import { Replayed } from "./Replayed";
import { SpanButton } from "./SpanButton";

interface Props {
  step: SqlStep;
  traceId: string;
  database: LensDatabase;
  onSpan: (spanId: string) => void;
}

/** Generated statement, executed statement, rows. */
export function StepCells({ step, traceId, database, onSpan }: Props): ReactNode {
  return (
    <>
      <section className="lens-cell" aria-label="Generated SQL">
        <header>
          <h3>Generated SQL</h3>
          {step.generated && <SpanButton spanId={step.generated.span_id} onSpan={onSpan} />}
        </header>
        {step.generated ? <Sql text={step.generated.text} /> : <p className="muted">What the model wrote was not captured.</p>}
      </section>
      <section className="lens-cell" aria-label="Executed statement">
        <header>
          <h3>Executed</h3>
          {step.executed && <SpanButton spanId={step.executed.span_id} onSpan={onSpan} />}
        </header>
        <Executed step={step} />
      </section>
      <Outcome step={step} traceId={traceId} database={database} onSpan={onSpan} />
    </>
  );
}

function Executed({ step }: { step: SqlStep }): ReactNode {
  const { generated, executed, changes } = step;
  const note = executedNote(step);
  return (
    <>
      {executed &&
        (changes.length === 0 && generated ? (
          <p className="lens-same">
            <Icon name="ok" /> As it was written.
          </p>
        ) : (
          <figure className="code">
            <figcaption>
              <span className="muted">SQL</span>
              <Copy text={executed.text} label="Copy the statement" />
            </figcaption>
            <SqlDifference written={generated?.text ?? executed.text} executed={executed.text} />
          </figure>
        ))}
      {changes.map((change) => (
        <p key={change} className="lens-mark changed">
          <Icon name="note" /> {visible(change)}
        </p>
      ))}
      {note && <p className="muted">{note}</p>}
    </>
  );
}

/** The rows as they were stored; after a replay those that are gone by now are marked in place. */
function Outcome({ step, traceId, database, onSpan }: Props): ReactNode {
  const { words, tone } = outcomeOf(step);
  const replay = useMutation({ mutationFn: () => api.replaySql(traceId, step.span_id) });
  const gone = useMemo(() => new Set(replay.data?.gone_rows), [replay.data]);
  return (
    <section className="lens-cell" aria-label="Rows" data-outcome={step.outcome}>
      <header>
        <h3>{replay.data ? "Rows then" : "Rows"}</h3>
        <span className={`lens-outcome tone-${tone}`}>
          {tone !== "plain" && tone !== "muted" && <Icon name={tone === "error" ? "error" : "warning"} />}
          {words}
        </span>
        <span className="muted number">{visible(stepFacts(step))}</span>
        <SpanButton spanId={step.span_id} onSpan={onSpan} />
      </header>
      {(step.error_type ?? step.error_message) !== null && (
        <div className={`lens-error tone-${tone}`}>
          {step.error_type && <b className="mono" title={visible(step.error_type.slice(0, 400))}>
              {visible(step.error_type.slice(step.error_type.lastIndexOf(".") + 1).slice(0, 200))}
            </b>}
          {step.error_message && <PlainText text={step.error_message} />}
        </div>
      )}
      {step.table && step.table.columns.length > 0 && <DataTable table={step.table} marked={gone} mark="gone" />}
      {(step.generated ?? step.executed) && (
        <Buttons step={step} traceId={traceId} database={database} replaying={replay.isPending} onReplay={() => replay.mutate()} />
      )}
      {replay.error && <Failure error={replay.error} />}
      {replay.data && <Replayed replay={replay.data} />}
    </section>
  );
}

interface ButtonsProps {
  step: SqlStep;
  traceId: string;
  database: LensDatabase;
  replaying: boolean;
  onReplay: () => void;
}

/** Explain and replay; where no database is configured, how to set one. */
function Buttons({ step, traceId, database, replaying, onReplay }: ButtonsProps): ReactNode {
  const plan = useMutation({ mutationFn: () => api.explainSql(traceId, step.span_id) });
  return (
    <div className="lens-again">
      <p className="lens-buttons">
        <button type="button" className="button" disabled={!database.configured || plan.isPending} onClick={() => plan.mutate()}>
          Explain
        </button>
        <button type="button" className="button" disabled={!database.configured || replaying} onClick={onReplay}>
          <Icon name="again" /> Replay
        </button>
        {!database.configured && (
          <span className="muted lens-hint">
            {visible(database.problem ?? "")} {visible(database.hint ?? "")}
          </span>
        )}
      </p>
      {plan.error && <Failure error={plan.error} />}
      {plan.data && (
        <figure className="code">
          <figcaption>
            <span className="muted">Plan</span>
            <Copy text={plan.data.lines.join("\n")} label="Copy the plan" />
          </figcaption>
          <pre className="plan" tabIndex={0}>
            {visible(plan.data.lines.join("\n"))}
          </pre>
        </figure>
      )}
    </div>
  );
}
