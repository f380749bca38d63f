/** What the doctor's page works out of the server's report. */
import type { Sender } from "../api/types.gen";
import { plural } from "../format/numbers";
import { formatDuration } from "../format/duration";
import { RANGES, type RangeName } from "./range";

/** The service name of the probes of `llm-tracing doctor`. */
const OWN_PROBE = "llm-tracing-doctor";

export const DEFAULT_WINDOW: RangeName = "1h";

export function windowSeconds(name: RangeName): number {
  return (RANGES.find((range) => range.name === name)?.ms ?? 3_600_000) / 1000;
}

/** The next longer window; after the longest the shortest. */
export function longerWindow(name: RangeName): RangeName {
  const at = RANGES.findIndex((range) => range.name === name);
  return RANGES[(at + 1) % RANGES.length]?.name ?? DEFAULT_WINDOW;
}

export interface Column {
  name: string;
  means: string;
  /** A number above 0 is something to look at. */
  bad?: boolean;
  of: (sender: Sender) => number;
}

/** The counts of a sender, in the order of a span's way. */
export const COLUMNS: readonly Column[] = [
  { name: "Spans", means: "Spans and runs received since the start", of: (s) => (s.received["traces"] ?? 0) + (s.received["runs"] ?? 0) },
  { name: "Logs", means: "Log records received since the start", of: (s) => s.received["logs"] ?? 0 },
  { name: "Points", means: "Metric points received since the start", of: (s) => s.received["metrics"] ?? 0 },
  { name: "Again", means: "Spans that came a second time, and are stored once", of: (s) => s.again },
  { name: "Late", means: "Spans that came more than a minute after they ended", of: (s) => s.late },
  { name: "Folded", means: "Spans that the trace page folds into badges", of: (s) => s.recent.folded },
  { name: "Cut", means: "Spans of which the sender dropped something", bad: true, of: (s) => s.recent.cut },
  { name: "Orphaned", means: "Spans whose parent did not arrive", bad: true, of: (s) => s.recent.orphaned },
  { name: "Unmapped", means: "Attributes that nobody reads", of: (s) => s.unmapped.length },
  { name: "Refused", means: "Requests or items that were not taken", bad: true, of: (s) => Object.values(s.refused).reduce((a, b) => a + b, 0) },
];

export function shownSenders(senders: readonly Sender[]): Sender[] {
  return senders.filter((sender) => sender.sender !== OWN_PROBE);
}

/** `12 s ago`, `3 m ago`; nothing has come since the server's start where the time is 0. */
export function ago(ns: string, nowNs: string): string {
  if (ns === "0") return "before the start";
  const seconds = Math.max(0, Math.round(Number(BigInt(nowNs) - BigInt(ns)) / 1e9));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`;
}

/** The clock of a sender in words; its newest spans end before they are sent, so a little behind says nothing. */
export function clockWords(offsetNs: string | null): string | null {
  if (offsetNs === null) return null;
  const offset = Number(offsetNs);
  if (offset > 0) return `its newest spans end ${formatDuration(offset)} ahead of the server's clock`;
  return `its newest spans came ${formatDuration(-offset)} after their end`;
}

/** What an attribute that nobody reads may be, by the words in its name: the first that fits. */
const GUESSES: readonly (readonly [RegExp, string])[] = [
  [/(cache\w*read|cached)\w*tokens?/, "cache_read_tokens"],
  [/reasoning\w*tokens?/, "reasoning_tokens"],
  [/(prompt|input)\w*tokens?|tokens?\w*(prompt|input)/, "input_tokens"],
  [/(completion|output|response)\w*tokens?|tokens?\w*(completion|output)/, "output_tokens"],
  [/response\w*model|model\w*response/, "response_model"],
  [/model/, "request_model"],
  [/provider|vendor|system$/, "provider"],
  [/session|thread|conversation/, "session_id"],
  [/user/, "user_id"],
  [/cost|price/, "cost_usd"],
  [/tool\w*name/, "tool_name"],
  [/prompt|question|input/, "input"],
  [/completion|answer|output|reply/, "output"],
];

export function guessField(attribute: string): string | null {
  const name = attribute.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  return GUESSES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

export interface Unmapped {
  attribute: string;
  spans: number;
  senders: string[];
}

/** Attributes that nobody reads, of all senders together; the one on most spans first. */
export function unmappedOf(senders: readonly Sender[]): Unmapped[] {
  const found = new Map<string, Unmapped>();
  for (const { sender, unmapped } of senders) {
    for (const { attribute, spans } of unmapped) {
      const one = found.get(attribute) ?? { attribute, spans: 0, senders: [] };
      one.spans += spans;
      one.senders.push(sender);
      found.set(attribute, one);
    }
  }
  return [...found.values()].sort((a, b) => b.spans - a.spans || a.attribute.localeCompare(b.attribute));
}

/** One line of a mapping file; without a guess it waits behind a `#` for its field. */
export function mappingLine({ attribute, spans }: Unmapped): string {
  const field = guessField(attribute);
  const key = /^[A-Za-z_][\w.-]*$/.test(attribute) ? attribute : JSON.stringify(attribute);
  return field ? `  ${key}: ${field}` : `  # ${key}: FIELD  (${plural(spans, "span")})`;
}

export function mappingFile(unmapped: readonly Unmapped[]): string {
  return ["attributes:", ...unmapped.map(mappingLine)].join("\n");
}
