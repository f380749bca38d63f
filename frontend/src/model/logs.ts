/** Log records as lines: their severity, their message, what failed; and their counts as bars. */
import type { LogCountRow, LogRecord } from "../api/types.gen";
import { withoutAnsi } from "../format/ansi";
import { oneLine, openJson } from "../format/text";

export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "unset"] as const;
export type Level = (typeof LEVELS)[number];

/** OpenTelemetry's severity numbers come in fours: 1 to 4 are TRACE, 21 to 24 FATAL, 0 is none. */
export function levelOf(severity: number): Level {
  if (severity <= 0) return "unset";
  return (["trace", "debug", "info", "warn", "error", "fatal"] as const)[Math.min(5, Math.floor((severity - 1) / 4))] ?? "unset";
}

/** Least severity to show; the number that the API takes. */
export const LEAST = { debug: 5, info: 9, warn: 13, error: 17 } as const;
export type Least = keyof typeof LEAST;

export function isLeast(text: unknown): text is Least {
  return typeof text === "string" && text in LEAST;
}

/** The keys under which structured logs have their words, the likeliest first. */
const WORDS = ["message", "msg", "event", "text", "content", "body"];

/** What a record says, on one line, without the colours of a terminal. */
export function messageOf(log: LogRecord, limit = 600): string {
  const found = log.body === null || log.body === undefined ? "" : wordsOf(openJson(log.body));
  return oneLine(withoutAnsi(found.slice(0, 4 * limit)), limit) || exceptionOf(log)?.title || log.event_name || "(no message)";
}

function wordsOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return String(body);
  if (!Array.isArray(body)) {
    const fields = body as Record<string, unknown>;
    for (const key of WORDS) {
      const value = fields[key];
      if (typeof value === "string" && value !== "") return value;
    }
  }
  return JSON.stringify(body);
}

export interface Exception {
  /** `ValueError: no such album`. */
  title: string;
  stacktrace: string | null;
}

/** What was raised, where the record tells of it under OpenTelemetry's names. */
export function exceptionOf({ attributes }: LogRecord): Exception | null {
  const [type, message, stack] = ["type", "message", "stacktrace"].map((name) => text(attributes[`exception.${name}`]));
  if (!type && !message && !stack) return null;
  return { title: oneLine([type, message].filter(Boolean).join(": ")) || "exception", stacktrace: stack ?? null };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Newest first, each once; what is in both is taken from `newer`. */
export function mergeLogs(newer: readonly LogRecord[], older: readonly LogRecord[]): LogRecord[] {
  const seen = new Set(newer.map((log) => log.id));
  return [...newer, ...older.filter((log) => !seen.has(log.id))];
}

export interface Bar {
  time: bigint;
  total: number;
  /** From the baseline upwards. */
  parts: { level: Level; count: number }[];
}

/** Every step between the first and the last, empty ones too, at most `most` of them. */
export function barsOf(rows: readonly LogCountRow[], stepNs: string, most = 400): Bar[] {
  const step = BigInt(stepNs);
  const first = rows[0];
  const last = rows.at(-1);
  if (!first || !last || step <= 0n) return [];
  const byTime = new Map(rows.map((row) => [row.time_unix_nano, row]));
  const bars: Bar[] = [];
  for (let time = BigInt(first.time_unix_nano); time <= BigInt(last.time_unix_nano) && bars.length < most; time += step) {
    const row = byTime.get(String(time));
    const parts = LEVELS.map((level) => ({ level, count: row?.[level] ?? 0 })).filter((part) => part.count > 0);
    bars.push({ time, total: parts.reduce((sum, part) => sum + part.count, 0), parts });
  }
  return bars;
}

/** The filter with the least severity as a term of it. */
export function withLeast(q: string, least: Least | undefined): string {
  return [q, least ? `severity:>=${least}` : ""].filter(Boolean).join(" ");
}
