/** What changed between two calls, in the forms that are shown. */
import type { PromptChanges } from "../api/types.gen";
import { conversationOf, type Message } from "./messages";

/** Whole percents that never say 100 while something differs, nor 0 while something is shared. */
export function sharedPercent(shared: number, whole: number): number {
  if (whole <= 0 || shared <= 0) return 0;
  if (shared >= whole) return 100;
  return Math.min(99, Math.max(1, Math.round((100 * shared) / whole)));
}

export function cacheTone(verdict: PromptChanges["cache"]["verdict"]): "warning" | "changed" {
  return verdict === "broken" || verdict === "missed" ? "warning" : "changed";
}

export function addedMessages(messages: PromptChanges["added"]): Message[] {
  return conversationOf({ system_instructions: null, input_messages: messages, output_messages: null });
}

/** What stands on the line of the first difference before it. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}

/** What stands on it after it; a line end that is itself the difference is shown as one. */
export function firstWords(text: string): string {
  const end = text.indexOf("\n");
  if (end < 0) return text;
  return end === 0 ? "↵" : text.slice(0, end);
}
