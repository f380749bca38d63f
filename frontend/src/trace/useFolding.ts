import { useCallback, useEffect, useRef, useState } from "react";
import type { Span } from "../api/types.gen";
import { failures, foldableSteps, reveal, toggle, type Folding, type Row, type Tree } from "../model/tree";

/** The way to this many failures is opened at first; a trace with more is opened by hand. */
const MOST_REVEALED = 20;

const NOTHING: Folding = { closed: new Set(), openBadges: new Set() };

/** What is folded. The way to failing spans and to the selected row is open from the start. */
export function useFolding(tree: Tree, spans: readonly Span[], selected: string | undefined) {
  const [folding, setFolding] = useState<Folding>(() =>
    failures(spans)
      .slice(0, MOST_REVEALED)
      .reduce((open, span) => reveal(tree, open, span.span_id), NOTHING),
  );

  // Once for each selection: who then folds above the selected row wants it folded.
  const revealed = useRef<string>(undefined);
  useEffect(() => {
    if (selected === undefined || revealed.current === selected) return;
    if (!tree.byId.has(selected)) return;
    revealed.current = selected;
    setFolding((old) => reveal(tree, old, selected));
  }, [tree, selected]);

  const flip = useCallback((row: Row) => setFolding((old) => toggle(old, row)), []);
  const allBadges = useCallback(() => {
    setFolding((old) => {
      const steps = [...tree.foldOf.keys()];
      const allOpen = steps.every((step) => old.openBadges.has(step));
      return { ...old, openBadges: new Set(allOpen ? [] : steps) };
    });
  }, [tree]);
  const collapseAll = useCallback(() => {
    setFolding((old) => {
      const steps = foldableSteps(tree);
      const allClosed = steps.length > 0 && steps.every((step) => old.closed.has(step));
      return allClosed ? { ...old, closed: new Set() } : { closed: new Set(steps), openBadges: new Set() };
    });
  }, [tree]);
  return { folding, flip, allBadges, collapseAll };
}
