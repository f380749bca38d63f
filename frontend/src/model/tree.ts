/**
 * The rows of a trace: the story (infrastructure folded into badges) or all spans.
 *
 * Spans arrive depth-first, parents before children. In the story a span with `folded_into` stands in the
 * badge of that step, under its other children; an open badge shows its spans as a tree of their own.
 */
import type { Span } from "../api/types.gen";

export type View = "story" | "all";

export interface SpanRow {
  type: "span";
  key: string;
  span: Span;
  depth: number;
  expandable: boolean;
  open: boolean;
}

export interface BadgeRow {
  type: "badge";
  key: string;
  step: string;
  spans: readonly Span[];
  depth: number;
  expandable: true;
  open: boolean;
}

export type Row = SpanRow | BadgeRow;

/** What is open: steps are open unless closed by hand, badges closed unless opened. */
export interface Folding {
  closed: ReadonlySet<string>;
  openBadges: ReadonlySet<string>;
}

export interface Tree {
  view: View;
  byId: ReadonlyMap<string, Span>;
  parentOf: ReadonlyMap<string, string>;
  childrenOf: ReadonlyMap<string, readonly Span[]>;
  foldOf: ReadonlyMap<string, readonly Span[]>;
  roots: readonly Span[];
}

const BADGE = "fold:";

export function badgeKey(step: string): string {
  return BADGE + step;
}

/** The step of a badge's key; null for a span's id. */
export function badgeStep(key: string): string | null {
  return key.startsWith(BADGE) ? key.slice(BADGE.length) : null;
}

/** `parentOf` leads to the row a span stands under: a span, or the badge that holds it. */
export function buildTree(spans: readonly Span[], view: View): Tree {
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  const parentOf = new Map<string, string>();
  const childrenOf = new Map<string, Span[]>();
  const foldOf = new Map<string, Span[]>();
  const roots: Span[] = [];
  const foldStep = (span: Span): string | null =>
    view === "story" && span.folded_into !== null && span.folded_into !== span.span_id && byId.has(span.folded_into)
      ? span.folded_into
      : null;

  for (const span of spans) {
    const step = foldStep(span);
    if (step !== null) push(foldOf, step, span);
    const above = step === null ? shownParent(span, byId, foldStep) : parentInFold(span, step, byId, foldStep);
    if (above === null) {
      roots.push(span);
      continue;
    }
    parentOf.set(span.span_id, above);
    push(childrenOf, above, span);
  }
  for (const step of foldOf.keys()) parentOf.set(badgeKey(step), step);
  return { view, byId, parentOf, childrenOf, foldOf, roots };
}

type FoldStep = (span: Span) => string | null;
type Spans = ReadonlyMap<string, Span>;

/** The nearest ancestor that has a row of its own; bounded, since hostile data may name a circle. */
function shownParent(span: Span, byId: Spans, foldStep: FoldStep): string | null {
  let above = span.parent_span_id === null ? undefined : byId.get(span.parent_span_id);
  for (let steps = byId.size; above && steps > 0; steps--) {
    if (above.span_id === span.span_id || above.depth >= span.depth) return null;
    if (foldStep(above) === null) return above.span_id;
    above = above.parent_span_id === null ? undefined : byId.get(above.parent_span_id);
  }
  return null;
}

function parentInFold(span: Span, step: string, byId: Spans, foldStep: FoldStep): string {
  const above = span.parent_span_id === null ? undefined : byId.get(span.parent_span_id);
  const together = above && above.span_id !== span.span_id && above.depth < span.depth && foldStep(above) === step;
  return together ? above.span_id : badgeKey(step);
}

/** The rows that are to be seen, top to bottom. */
export function visibleRows(tree: Tree, folding: Folding): Row[] {
  const rows: Row[] = [];
  // A stack of its own: traces may be thousands of levels deep.
  const stack: Pending[] = [];
  pushReversed(stack, tree.roots, 0);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { depth } = top;
    if ("badge" in top) {
      const key = badgeKey(top.badge);
      const open = folding.openBadges.has(top.badge);
      rows.push({ type: "badge", key, step: top.badge, spans: top.spans, depth, expandable: true, open });
      if (open) pushReversed(stack, tree.childrenOf.get(key) ?? [], depth + 1);
      continue;
    }
    const { span } = top;
    const children = tree.childrenOf.get(span.span_id) ?? [];
    const folded = tree.foldOf.get(span.span_id);
    const expandable = children.length > 0 || folded !== undefined;
    const open = expandable && !folding.closed.has(span.span_id);
    rows.push({ type: "span", key: span.span_id, span, depth, expandable, open });
    if (!open) continue;
    // The badge comes after the steps of the story: it is the fine print of what stands above it.
    if (folded) stack.push({ badge: span.span_id, spans: folded, depth: depth + 1 });
    pushReversed(stack, children, depth + 1);
  }
  return rows;
}

type Pending = { span: Span; depth: number } | { badge: string; spans: readonly Span[]; depth: number };

/** One by one: a step may have more children than a call may have arguments. */
function pushReversed(stack: Pending[], spans: readonly Span[], depth: number): void {
  for (const span of spans.toReversed()) stack.push({ span, depth });
}

/** The keys above a row, nearest first: what must be open for the row to be seen. */
export function pathTo(tree: Tree, key: string): string[] {
  const path: string[] = [];
  const seen = new Set<string>([key]);
  for (let above = tree.parentOf.get(key); above !== undefined && !seen.has(above); above = tree.parentOf.get(above)) {
    seen.add(above);
    path.push(above);
  }
  return path;
}

/** All that can be folded below the roots: folding it leaves the trace's first two levels. */
export function foldableSteps(tree: Tree): string[] {
  const steps: string[] = [];
  for (const key of tree.childrenOf.keys()) {
    if (badgeStep(key) === null && tree.parentOf.has(key)) steps.push(key);
  }
  for (const step of tree.foldOf.keys()) {
    if (!tree.childrenOf.has(step) && tree.parentOf.has(step)) steps.push(step);
  }
  return steps;
}

/** The same folding with the way to a row opened. */
export function reveal(tree: Tree, folding: Folding, key: string): Folding {
  const closed = new Set(folding.closed);
  const openBadges = new Set(folding.openBadges);
  for (const above of pathTo(tree, key)) {
    const step = badgeStep(above);
    if (step === null) closed.delete(above);
    else openBadges.add(step);
  }
  return { closed, openBadges };
}

export function toggle(folding: Folding, row: Row): Folding {
  const id = row.type === "badge" ? row.step : row.key;
  const closed = new Set(folding.closed);
  const openBadges = new Set(folding.openBadges);
  if (row.type === "badge") flip(openBadges, id);
  else flip(closed, id);
  return { closed, openBadges };
}

/** The failing spans, first to last; of a chain of failing spans the deepest, where the failure began. */
export function failures(spans: readonly Span[]): Span[] {
  const passedUp = new Set<string>();
  for (const span of spans) {
    if (span.status === "error" && span.parent_span_id !== null) passedUp.add(span.parent_span_id);
  }
  return spans.filter((span) => span.status === "error" && !passedUp.has(span.span_id));
}

/** What a reader wants to see first: where it failed, else the first call of a model, else the root. */
export function firstToShow(spans: readonly Span[]): Span | undefined {
  return failures(spans)[0] ?? spans.find((span) => span.kind === "llm") ?? spans[0];
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function flip(set: Set<string>, id: string): void {
  if (!set.delete(id)) set.add(id);
}
