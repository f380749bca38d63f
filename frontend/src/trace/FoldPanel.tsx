import { useMemo, type ReactNode } from "react";
import type { Span } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { foldFigures, foldTitle, summarizeFold } from "../model/folds";
import { statementOf } from "../model/statement";
import { Icon, KindIcon } from "../ui/Icon";
import { Sql } from "../ui/Sql";
import { PanelClose } from "./PanelClose";

const MOST_STATEMENTS = 30;

interface Props {
  spans: readonly Span[];
  step: Span;
  whole: ReadonlyMap<string, Span> | undefined;
  open: boolean;
  onFlip: () => void;
  onSelect: (spanId: string) => void;
  onClose: (() => void) | undefined;
}

/** What is in a badge: its spans by name, and the different statements among them. */
export function FoldPanel({ spans, step, whole, open, onFlip, onSelect, onClose }: Props): ReactNode {
  const fold = useMemo(() => summarizeFold(spans, whole), [spans, whole]);
  const statements = useMemo(() => countStatements(spans, whole), [spans, whole]);
  return (
    <section className="panel" aria-label="Folded spans" data-testid="fold-panel">
      <header className="panel-header">
        <div className="panel-title">
          <Icon name="fold" />
          <h2>{visible(foldTitle(fold))}</h2>
          <PanelClose onClose={onClose} />
        </div>
        <p className="panel-figures">
          {foldFigures(fold)} · under{" "}
          <button type="button" className="button-text" onClick={() => onSelect(step.span_id)}>
            {visible(step.name.slice(0, 80))}
          </button>
        </p>
      </header>
      <div className="panel-body">
        <button type="button" className="button" aria-expanded={open} onClick={onFlip}>
          {open ? "Fold them" : `Show all ${plural(spans.length, "span")} in the tree`}
        </button>
        <div className="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" className="number">Count</th>
                <th scope="col" className="number">p95</th>
                <th scope="col" className="number">Together</th>
                <th scope="col" className="number">Errors</th>
              </tr>
            </thead>
            <tbody>
              {fold.groups.map((group) => (
                <tr key={group.name}>
                  <td>{visible(group.name.slice(0, 200))}</td>
                  <td className="number">{formatCount(group.count)}</td>
                  <td className="number">{formatDuration(group.p95Ns)}</td>
                  <td className="number">{formatDuration(group.totalNs)}</td>
                  <td className={`number ${group.errors > 0 ? "error-text" : "muted"}`}>{formatCount(group.errors)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {statements.length > 0 && <h3>{plural(statements.length, "distinct statement")}</h3>}
        {statements.slice(0, MOST_STATEMENTS).map(({ text, count, first }) => (
          <div key={text} className="statement">
            <button type="button" className="button-text" onClick={() => onSelect(first.span_id)}>
              <KindIcon kind={first.kind} /> {formatCount(count)} ×
            </button>
            <Sql text={text} />
          </div>
        ))}
      </div>
    </section>
  );
}

function countStatements(spans: readonly Span[], whole: ReadonlyMap<string, Span> | undefined) {
  const found = new Map<string, { text: string; count: number; first: Span }>();
  for (const span of spans) {
    const text = statementOf(whole?.get(span.span_id) ?? span);
    if (text === null) continue;
    const entry = found.get(text);
    if (entry) entry.count++;
    else found.set(text, { text, count: 1, first: span });
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
