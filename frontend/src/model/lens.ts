/** Words and colours of the text-to-SQL lens. */
import type { SqlEpisode, SqlStep } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { formatCount, plural } from "../format/numbers";

export type Tone = "plain" | "warning" | "error" | "muted";

export function outcomeOf(step: SqlStep): { words: string; tone: Tone } {
  switch (step.outcome) {
    case "rows":
      return { words: step.row_count === null ? "rows" : plural(step.row_count, "row"), tone: "plain" };
    case "empty":
      return { words: "No rows", tone: "warning" };
    case "nulls":
      return { words: "Only NULL", tone: "warning" };
    case "refused":
      return { words: "Refused", tone: "error" };
    case "failed":
      return { words: "Failed", tone: "error" };
    case "running":
      return { words: "Still runs", tone: "muted" };
    case "not_seen":
      return { words: "Not seen running", tone: "muted" };
    case "unknown":
      return { words: step.error_message === null ? "Rows were not captured" : "No rows, but a text", tone: "warning" };
  }
}

/** What is said under an executed statement. */
export function executedNote(step: SqlStep): string | null {
  if (step.executed_by === "tool") return "As the tool was given it; the database itself was not observed.";
  if (step.executed_by === "messages") return "As the model asked for it; the result was told to its next call.";
  if (step.outcome === "not_seen") return "No span of this trace shows it running.";
  if (step.outcome === "refused") return "It did not reach the database.";
  return null;
}

/** `5 rows · 1.2 ms · sqlite`, without the rows, which have a badge of their own. */
export function stepFacts(step: SqlStep): string {
  return [step.duration_ns === null ? null : formatDuration(step.duration_ns), step.system].filter((fact) => fact !== null).join(" · ");
}

/** One line above many episodes. */
export function lensSummary(episodes: readonly SqlEpisode[]): string {
  const steps = episodes.flatMap((episode) => episode.steps);
  const count = (outcomes: readonly SqlStep["outcome"][]): number => steps.filter((step) => outcomes.includes(step.outcome)).length;
  const parts = [plural(episodes.length, "question"), plural(steps.length, "statement")];
  const [empty, refused, failed] = [count(["empty", "nulls"]), count(["refused"]), count(["failed"])];
  if (empty > 0) parts.push(`${formatCount(empty)} returned nothing`);
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  return parts.join(" · ");
}
