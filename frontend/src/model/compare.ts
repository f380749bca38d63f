/** A trace against another: their stories as steps, aligned, with what differs in each pair. */
import type { Span, TraceDetail, TraceSummary } from "../api/types.gen";
import { align, type Alignable } from "./align";
import { subtractDecimals } from "../format/decimal";
import { shortName } from "./name";

/** A step of the story. A badge of folded spans is one step: `folded` are its spans. */
export interface Step extends Alignable {
  id: string;
  name: string;
  span: Span;
  folded: readonly Span[];
  durationNs: number | null;
  tokens: number | null;
  costUsd: string | null;
  status: Span["status"];
}

export interface Row {
  key: string;
  a: Step | null;
  b: Step | null;
  /** Second less first; null where one of them has no number. */
  durationNs: number | null;
  tokens: number | null;
  costUsd: string | null;
  statusChanged: boolean;
}

/** The story of a trace: each span that is not folded, a badge after the children of its step. */
export function stepsOf(spans: readonly Span[]): Step[] {
  const folded = new Map<string, Span[]>();
  for (const span of spans) {
    if (span.folded_into === null) continue;
    const list = folded.get(span.folded_into);
    if (list) list.push(span);
    else folded.set(span.folded_into, [span]);
  }
  const steps: Step[] = [];
  const open: Span[] = [];
  const close = (depth: number): void => {
    while (open.length > 0 && (open.at(-1) as Span).depth >= depth) {
      const step = open.pop() as Span;
      const inside = folded.get(step.span_id);
      if (inside) steps.push(badge(step, inside));
    }
  };
  for (const span of spans) {
    if (span.folded_into !== null) continue;
    close(span.depth);
    steps.push(stepOf(span));
    open.push(span);
  }
  close(0);
  return steps;
}

function stepOf(span: Span): Step {
  const name = shortName(span);
  return {
    id: span.span_id,
    key: `${span.kind} ${name}`,
    kind: span.kind,
    name,
    depth: span.depth,
    span,
    folded: [],
    durationNs: span.duration_ns === null ? null : Number(span.duration_ns),
    tokens: span.usage?.total_tokens ?? null,
    costUsd: span.cost?.total_usd ?? null,
    status: span.status,
  };
}

function badge(step: Span, folded: readonly Span[]): Step {
  const ended = folded.filter((span) => span.duration_ns !== null);
  return {
    id: `fold:${step.span_id}`,
    key: "badge",
    kind: "badge",
    name: badgeName(folded),
    depth: step.depth + 1,
    span: step,
    folded,
    durationNs: ended.reduce((sum, span) => sum + Number(span.duration_ns), 0),
    tokens: null,
    costUsd: null,
    status: folded.some((span) => span.status === "error") ? "error" : "unset",
  };
}

/** `connect, SELECT`: the commonest names of folded spans, most first. */
function badgeName(folded: readonly Span[]): string {
  const counts = new Map<string, number>();
  for (const span of folded) counts.set(span.name, (counts.get(span.name) ?? 0) + 1);
  const names = [...counts].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  return names.slice(0, 3).join(", ") + (names.length > 3 ? " …" : "");
}

export function compareSteps(a: readonly Step[], b: readonly Step[]): Row[] {
  return align(a, b).map(([atA, atB]) => rowOf(atA === null ? null : (a[atA] ?? null), atB === null ? null : (b[atB] ?? null)));
}

function rowOf(a: Step | null, b: Step | null): Row {
  return {
    key: `${a?.id ?? ""}~${b?.id ?? ""}`,
    a,
    b,
    durationNs: minus(b?.durationNs, a?.durationNs),
    tokens: minus(b?.tokens, a?.tokens),
    costUsd: a && b && a.costUsd !== null && b.costUsd !== null ? subtractDecimals(b.costUsd, a.costUsd) : null,
    statusChanged: a !== null && b !== null && failed(a) !== failed(b),
  };
}

function failed(step: Step): boolean {
  return step.status === "error";
}

function minus(one: number | null | undefined, other: number | null | undefined): number | null {
  return one === null || one === undefined || other === null || other === undefined ? null : one - other;
}

/** From this factor and this time on, a pair's durations count as different: below it is noise. */
const SLOWER = 1.5;
const LEAST_NS = 20e6;

export function isSlower(row: Row): boolean {
  const [a, b] = [row.a?.durationNs ?? null, row.b?.durationNs ?? null];
  if (a === null || b === null || Math.abs(b - a) < LEAST_NS) return false;
  return Math.max(a, b) >= SLOWER * Math.max(1, Math.min(a, b));
}

export type Difference = "only-a" | "only-b" | "status" | "name" | "tokens" | "slower" | null;

/** The most telling difference of a pair; null where the two did the same. */
export function differenceOf(row: Row): Difference {
  if (row.b === null) return "only-a";
  if (row.a === null) return "only-b";
  if (row.statusChanged) return "status";
  if (row.a.kind !== "badge" && row.a.name !== row.b.name) return "name";
  if (row.a.folded.length !== row.b.folded.length) return "name";
  if ((row.tokens ?? 0) !== 0) return "tokens";
  return isSlower(row) ? "slower" : null;
}

/** The place of the next row that differs, round the end; -1 if none does. */
export function nextDifference(rows: readonly Row[], from: number, by: 1 | -1): number {
  for (let step = 1; step <= rows.length; step++) {
    const at = (from + by * step + rows.length * (step + 1)) % rows.length;
    const row = rows[at];
    if (row && differenceOf(row) !== null) return at;
  }
  return -1;
}

export interface Totals {
  durationNs: number;
  tokens: number | null;
  costUsd: string | null;
}

export function totalsOf(trace: TraceSummary): Totals {
  return { durationNs: Number(trace.duration_ns), tokens: trace.usage.total_tokens ?? null, costUsd: trace.cost.total_usd };
}

/** Steps that are candidates to stand beside a trace: same question first, then same name, newest first. */
export function suggestions(of: TraceSummary | undefined, traces: readonly TraceSummary[]): TraceSummary[] {
  if (!of) return [...traces];
  const rank = (trace: TraceSummary): number =>
    (trace.input !== null && trace.input === of.input ? 4 : 0) + (trace.name === of.name ? 2 : 0) + (trace.service === of.service ? 1 : 0);
  return traces.filter((trace) => trace.trace_id !== of.trace_id).toSorted((one, other) => rank(other) - rank(one));
}

export function comparedCounts(rows: readonly Row[]): { same: number; changed: number; onlyA: number; onlyB: number } {
  const counts = { same: 0, changed: 0, onlyA: 0, onlyB: 0 };
  for (const row of rows) {
    const difference = differenceOf(row);
    if (difference === null) counts.same++;
    else if (difference === "only-a") counts.onlyA++;
    else if (difference === "only-b") counts.onlyB++;
    else counts.changed++;
  }
  return counts;
}

export function isRunning(detail: TraceDetail): boolean {
  return detail.trace.status === "running";
}

