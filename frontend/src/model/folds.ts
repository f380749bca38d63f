/** What a badge says about the spans folded into it. */
import type { Badge, Span } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { formatCount, plural } from "../format/numbers";

export interface FoldGroup {
  name: string;
  count: number;
  errors: number;
  totalNs: number;
  p95Ns: number;
}

export interface FoldSummary {
  count: number;
  errors: number;
  totalNs: number;
  p95Ns: number;
  /** Connections taken from a pool; null while the badge's content is not loaded. */
  checkouts: number | null;
  groups: readonly FoldGroup[];
  /** Different SQL statements; null while their text is not loaded or there is none. */
  distinct: number | null;
}

/** `badge` is what the server says of its content: statements and checkouts, which the light tree does not hold. */
export function summarizeFold(spans: readonly Span[], badge?: Badge): FoldSummary {
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    const name = groupName(span);
    const members = groups.get(name);
    if (members) members.push(span);
    else groups.set(name, [span]);
  }
  return {
    count: spans.length,
    errors: errorsOf(spans),
    totalNs: spans.reduce((sum, span) => sum + durationNs(span), 0),
    checkouts: badge?.checkout_count ?? null,
    p95Ns: p95(spans.map(durationNs)),
    groups: [...groups].map(([name, members]) => ({
      name,
      count: members.length,
      errors: errorsOf(members),
      totalNs: members.reduce((sum, span) => sum + durationNs(span), 0),
      p95Ns: p95(members.map(durationNs)),
    })).sort((a, b) => b.count - a.count || a.name.localeCompare(b.name)),
    distinct: badge && badge.statement_count > 0 ? badge.distinct_statements : null,
  };
}

/** `38 folded: 26 SELECT, 12 connect`; `1 folded: POST`. */
export function foldTitle(fold: FoldSummary): string {
  const [only] = fold.groups;
  if (fold.groups.length === 1 && only) return `${formatCount(only.count)} folded: ${only.name}`;
  const shown = fold.groups.slice(0, 3).map((group) => `${formatCount(group.count)} ${group.name}`);
  const rest = fold.groups.slice(3).reduce((sum, group) => sum + group.count, 0);
  if (rest > 0) shown.push(`${formatCount(rest)} more`);
  return `${formatCount(fold.count)} folded: ${shown.join(", ")}`;
}

/** `3 distinct · sum 4.1 ms · p95 0.3 ms · 0 errors · 12 checkouts`. */
export function foldFigures(fold: FoldSummary): string {
  const distinct = fold.distinct === null ? [] : [`${formatCount(fold.distinct)} distinct`];
  const time = fold.count > 1 ? [`sum ${formatDuration(fold.totalNs)}`, `p95 ${formatDuration(fold.p95Ns)}`] : [formatDuration(fold.p95Ns)];
  const checkouts = fold.checkouts ? [plural(fold.checkouts, "checkout")] : [];
  return [...distinct, ...time, plural(fold.errors, "error"), ...checkouts].join(" · ");
}

/** SQL spans go by their verb (`SELECT chinook.db` is `SELECT`), all others by their whole name. */
function groupName(span: Span): string {
  const verb = /^[A-Z]{3,10}(?=\s|$)/.exec(span.name);
  return span.kind === "db" && verb ? verb[0] : span.name;
}

function durationNs(span: Span): number {
  return span.duration_ns === null ? 0 : Number(span.duration_ns);
}

function errorsOf(spans: readonly Span[]): number {
  return spans.filter((span) => span.status === "error").length;
}

/** The nearest-rank 95th percentile; 0 of nothing. */
export function p95(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
