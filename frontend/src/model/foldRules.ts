/** Folding rules in words, and what a person does to them. */
import type { FoldRule } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { isRecord } from "./statement";

/** `db · named connect, checkout* · slow from 1.00 s`. */
export function ruleWords(rule: FoldRule): string {
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["", rule.kinds],
    ["named ", rule.names],
    ["of the service ", rule.services],
    ["told by ", rule.scopes],
    ["under ", rule.steps],
  ];
  const parts = lists.flatMap(([word, values]) => (values && values.length > 0 ? [word + values.join(", ")] : []));
  if (parts.length === 0) parts.push("everything else");
  if (rule.genai_trace) parts.push("in traces with GenAI spans");
  if (rule.folds === false) parts.push("stays in the story");
  if (rule.slow_ms) parts.push(`slow from ${formatDuration(rule.slow_ms * 1e6)}`);
  if (rule.slow_times) parts.push(`or ${rule.slow_times} × the middle one`);
  return parts.join(" · ");
}

/** With the rule at a place moved up (-1) or down (1). */
export function moved(rules: readonly FoldRule[], at: number, by: 1 | -1): FoldRule[] {
  const next = [...rules];
  const [rule] = next.splice(at, 1);
  if (rule) next.splice(Math.max(0, at + by), 0, rule);
  return next;
}

/** Rules from JSON text: a list, or `{"rules": [...]}`. What each may hold the server checks. */
export function readRules(text: string): { rules: readonly FoldRule[]; error: string | null } {
  try {
    const read = JSON.parse(text) as unknown;
    const list = isRecord(read) ? read["rules"] : read;
    if (!Array.isArray(list)) return { rules: [], error: "A list of rules is wanted." };
    if (!list.every(isRecord)) return { rules: [], error: "Each rule is an object." };
    return { rules: list as unknown as FoldRule[], error: null };
  } catch (error) {
    return { rules: [], error: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
