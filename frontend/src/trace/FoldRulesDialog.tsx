import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { api } from "../api/client";
import { queries } from "../api/queries";
import type { FoldRule, FoldRulesShown, Span } from "../api/types.gen";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { moved, readRules, ruleWords } from "../model/foldRules";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { toast } from "../ui/toast";

interface Props {
  /** Of the trace that is looked at; without one nothing is counted. */
  spans?: readonly Span[];
  onClose: () => void;
}

/** The folding rules: seen with what they fold here, switched, ordered, rewritten, set back. */
export default function FoldRulesDialog({ spans, onClose }: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const rules = useQuery(queries.foldRules());
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="rules-dialog"
      aria-labelledby="rules-title"
      data-testid="fold-rules"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="rules-body">
        <header>
          <h2 id="rules-title">Folding rules</h2>
          <button type="button" className="button-quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        <p className="muted">
          The first rule that matches a span decides. They hold for every trace and change nothing that is stored. Spans with an
          error, a call of a model, a tool or another service inside never fold.
        </p>
        {rules.error && <Failure error={rules.error} onRetry={() => void rules.refetch()} />}
        {!rules.data && !rules.error && <Skeleton rows={5} />}
        {rules.data && <Rules key={JSON.stringify(rules.data)} shown={rules.data} spans={spans} />}
      </div>
    </dialog>
  );
}

function Rules({ shown, spans }: { shown: FoldRulesShown; spans: readonly Span[] | undefined }): ReactNode {
  const client = useQueryClient();
  const [rules, setRules] = useState<readonly FoldRule[]>(shown.rules);
  const [text, setText] = useState<string | null>(null);
  const folded = useMemo(() => spans && countByRule(spans), [spans]);
  const saved = {
    onSuccess: (next: FoldRulesShown | undefined) => {
      if (next) client.setQueryData(queries.foldRules().queryKey, next);
      toast("The rules hold now");
      return client.invalidateQueries({ queryKey: ["trace"] });
    },
  };
  const save = useMutation({ mutationFn: api.setFoldRules, ...saved });
  const reset = useMutation({ mutationFn: api.resetFoldRules, ...saved });
  const read = text === null ? { rules, error: null } : readRules(text);
  const change = (at: number, part: Partial<FoldRule>): void => setRules(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)));
  const changed = text !== null || JSON.stringify(rules) !== JSON.stringify(shown.rules);
  const error = save.error ?? reset.error;
  return (
    <>
      {text === null ? (
        <ol className="rules">
          {rules.map((rule, at) => (
            <li key={rule.id} data-off={!rule.enabled}>
              <label>
                <input type="checkbox" checked={rule.enabled} onChange={(event) => change(at, { enabled: event.target.checked })} />
                <b>{visible(rule.label || rule.id)}</b>
              </label>
              <span className="rule-words muted">{visible(ruleWords(rule))}</span>
              <span className="number" title="Spans of this trace that it folds">
                {folded && formatCount(folded.get(rule.id) ?? 0)}
              </span>
              <span className="rule-tools">
                <button type="button" className="button-quiet" aria-label={`Move ${rule.id} up`} disabled={at === 0} onClick={() => setRules(moved(rules, at, -1))}>
                  <Icon name="up" />
                </button>
                <button type="button" className="button-quiet" aria-label={`Move ${rule.id} down`} disabled={at === rules.length - 1} onClick={() => setRules(moved(rules, at, 1))}>
                  <Icon name="down" />
                </button>
                <button type="button" className="button-quiet" aria-label={`Remove ${rule.id}`} onClick={() => setRules(rules.filter((_, index) => index !== at))}>
                  <Icon name="close" />
                </button>
              </span>
            </li>
          ))}
          {rules.length === 0 && <li className="muted">No rules: nothing folds.</li>}
        </ol>
      ) : (
        <textarea className="rules-text mono" aria-label="The rules as JSON" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
      )}
      {read.error && <p className="status-warning">{read.error}</p>}
      {error && <Failure error={error} />}
      <footer>
        <button
          type="button"
          className="button"
          aria-pressed={text !== null}
          disabled={read.error !== null}
          onClick={() => {
            if (text === null) setText(JSON.stringify(rules, null, 2));
            else {
              setRules(read.rules);
              setText(null);
            }
          }}
        >
          {text === null ? "Edit as JSON" : "As a list"}
        </button>
        <button type="button" className="button" disabled={shown.is_default || reset.isPending} onClick={() => reset.mutate()}>
          Back to the default rules
        </button>
        <span className="muted">{shown.is_default ? "These are the default rules." : "Set by hand."}</span>
        <button type="button" className="button primary" disabled={!changed || read.error !== null || save.isPending} onClick={() => save.mutate(read.rules)}>
          Save
        </button>
      </footer>
    </>
  );
}

function countByRule(spans: readonly Span[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { folded_into: step, fold_rule: rule } of spans) {
    if (step !== null && rule !== null) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}
