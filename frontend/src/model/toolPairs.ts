/** Which tool call belongs to which result, within one conversation. */
import { asText } from "../format/text";
import type { Message } from "./messages";

export interface ToolPair {
  name: string;
  /** Places of the messages; null where the other half is not in this conversation. */
  call: number | null;
  result: number | null;
  /** What came back, as text. */
  answer: string | null;
}

/** By call id, or for clients that send none by name and order: the first result answers the first call. */
export function toolPairs(messages: readonly Message[]): ReadonlyMap<string, ToolPair> {
  const pairs = new Map<string, ToolPair>();
  const open: string[] = [];
  let unnamed = 0;
  messages.forEach((message, at) => {
    for (const part of message.parts) {
      if (part.type === "tool_call") {
        const id = part.id ?? `#${unnamed++}`;
        if (part.id === null) open.push(id);
        const known = pairs.get(id);
        pairs.set(id, { name: part.name, call: at, result: known?.result ?? null, answer: known?.answer ?? null });
      } else if (part.type === "tool_result") {
        const id = part.id ?? open.shift();
        if (id === undefined) continue;
        const known = pairs.get(id);
        pairs.set(id, { name: known?.name ?? message.name ?? "tool", call: known?.call ?? null, result: at, answer: asText(part.result) });
      }
    }
  });
  return pairs;
}
