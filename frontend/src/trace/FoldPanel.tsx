import { useMemo, type ReactNode } from "react";
import type { Badge, Span } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { foldFigures, foldTitle, summarizeFold } from "../model/folds";
import { Icon } from "../ui/Icon";
import { Sql } from "../ui/Sql";
import { PanelClose } from "./PanelClose";

interface Props {
  spans: readonly Span[];
  step: Span;
  badge: Badge | undefined;
  open: boolean;
  onFlip: () => void;
  onSelect: (spanId: string) => void;
  onRules: () => void;
  onClose: (() => void) | undefined;
}

/** What is in a badge: its spans by name, and the different statements among them. */
export function FoldPanel({ spans, step, badge, open, onFlip, onSelect, onRules, onClose }: Props): ReactNode {
  const fold = useMemo(() => summarizeFold(spans, badge), [spans, badge]);
  const statements = badge?.statements ?? [];
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
        {badge && (
          <p className="muted" data-testid="fold-rules-of-badge">
            Folded by the rules{" "}
            {Object.entries(badge.rules).map(([rule, count], index) => (
              <span key={rule}>
                {index > 0 && ", "}
                {visible(rule)} ({formatCount(count)})
              </span>
            ))}
            .{" "}
            <button type="button" className="button-text" onClick={onRules}>
              See the rules
            </button>
          </p>
        )}
        {badge && statements.length > 0 && <h3>{plural(badge.distinct_statements, "distinct statement")}</h3>}
        {statements.map(({ text, count, span_id: first }) => (
          <div key={text} className="statement">
            <button type="button" className="button-text" onClick={() => onSelect(first)}>
              {formatCount(count)} ×
            </button>
            <Sql text={text} />
          </div>
        ))}
      </div>
    </section>
  );
}
