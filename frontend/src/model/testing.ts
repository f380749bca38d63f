/** Spans and traces for tests: only what a test is about is named. */
import type { Span, TraceSummary, Usage } from "../api/types.gen";
import { NOTHING_SENT } from "./lightTree";

const NO_USAGE: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  total_tokens: 0,
};

const EMPTY: Span = {
  trace_id: "0".repeat(32),
  span_id: "",
  parent_span_id: null,
  depth: 0,
  name: "",
  kind: "internal",
  service: "qa",
  scope: { name: "", version: "", attributes: {}, dropped_attributes_count: 0, schema_url: "" },
  start_time_unix_nano: "1000000000",
  duration_ns: "1000",
  status: "ok",
  folded_into: null,
  fold_rule: null,
  ...NOTHING_SENT,
  flags: 1,
};

export function span(id: string, rest: Partial<Span> = {}): Span {
  return { ...EMPTY, span_id: id, name: id, ...rest };
}

/** Spans in a line of descent or beside each other: `[id, parent, rest]`, parents first; depths are worked out. */
export function spansOf(rows: readonly (readonly [id: string, parent: string | null, rest?: Partial<Span>])[]): Span[] {
  const made = new Map<string, Span>();
  for (const [id, parent, rest] of rows) {
    const depth = parent === null ? 0 : (made.get(parent)?.depth ?? -1) + 1;
    made.set(id, span(id, { parent_span_id: parent, depth, ...rest }));
  }
  return [...made.values()];
}

export function trace(id: string, startNs: string, rest: Partial<TraceSummary> = {}): TraceSummary {
  return {
    trace_id: id,
    name: "GET /ask",
    service: "qa",
    start_time_unix_nano: startNs,
    duration_ns: "1000",
    status: "ok",
    span_count: 1,
    llm_call_count: 0,
    error_count: 0,
    models: [],
    session_id: null,
    user_id: null,
    input: null,
    output: null,
    usage: NO_USAGE,
    cost: { total_usd: null, unpriced_calls: 0 },
    sources: ["otlp"],
    ...rest,
  };
}
