/**
 * The light tree: what the API sends in columns, as the spans the pages work with.
 *
 * What nearly every span lacks (messages, attributes, usage, ...) stands on a prototype, so that fifty thousand spans
 * hold only what is their own.
 */
import type { Annotation, Span, TraceSummary, TraceTree } from "../api/types.gen";

/** A trace as its page shows it: spans without content, depth-first, parents before children. */
export interface LightTrace {
  trace: TraceSummary;
  spans: readonly Span[];
  annotations: readonly Annotation[];
}

const STATUS = ["unset", "ok", "error", "running"] as const;

/** What a light span is where nothing was sent of it. */
export const NOTHING_SENT = {
  is_orphan: false,
  otel_kind: "unspecified",
  error: null,
  slow: false,
  provider: null,
  operation: null,
  request_model: null,
  response_model: null,
  streaming: null,
  time_to_first_token_ns: null,
  finish_reasons: [],
  input: null,
  output: null,
  input_messages: null,
  output_messages: null,
  system_instructions: null,
  tool: null,
  documents: null,
  usage: null,
  cost: null,
  counted: false,
  not_counted_because: null,
  session_id: null,
  user_id: null,
  attributes: {},
  dropped_attributes_count: 0,
  resource: { attributes: {}, dropped_attributes_count: 0, schema_url: "", entity_refs: [] },
  events: [],
  dropped_events_count: 0,
  links: [],
  dropped_links_count: 0,
  trace_state: "",
  flags: 0,
  sources: ["otlp"],
  annotations: [],
} satisfies Partial<Span>;

/** Spans of one trace share their scopes, of which the light form knows the names. */
function scopeOf(name: string): Span["scope"] {
  return { name, version: "", attributes: {}, dropped_attributes_count: 0, schema_url: "" };
}

export function lightTrace(tree: TraceTree): LightTrace {
  const { words, spans: columns, details } = tree;
  const trace = tree.trace as unknown as TraceSummary;
  const word = (at: number): string => words[at] ?? "";
  const scopes = new Map<number, Span["scope"]>();
  const shared = Object.assign(Object.create(null) as object, NOTHING_SENT, { trace_id: trace.trace_id });
  const spans = columns.span_id.map((id, at) => {
    const scope = columns.scope[at] ?? 0;
    if (!scopes.has(scope)) scopes.set(scope, scopeOf(word(scope)));
    const step = columns.folded_into[at] ?? null;
    const rule = columns.fold_rule[at] ?? null;
    const span = Object.create(shared) as Span;
    span.span_id = id;
    span.parent_span_id = columns.parent_span_id[at] ?? null;
    span.depth = columns.depth[at] ?? 0;
    span.name = word(columns.name[at] ?? -1);
    span.kind = word(columns.kind[at] ?? -1) as Span["kind"];
    span.service = word(columns.service[at] ?? -1);
    span.scope = scopes.get(scope) ?? scopeOf("");
    span.start_time_unix_nano = columns.start_time_unix_nano[at] ?? "0";
    span.duration_ns = columns.duration_ns[at] ?? null;
    span.status = STATUS[columns.status[at] ?? 0] ?? "unset";
    span.folded_into = step === null ? null : (columns.span_id[step] ?? null);
    span.fold_rule = rule === null ? null : word(rule);
    const more = details[at];
    return more ? Object.assign(span, more) : span;
  });
  return { trace, spans, annotations: tree.annotations as unknown as Annotation[] };
}

/** Whether a step or anything below it stands in the bill. */
export function isBilled(span: Pick<Span, "counted" | "usage">): boolean {
  return span.counted || span.usage !== null;
}
