/** Messages in the JSON of the OpenTelemetry GenAI conventions, read with care: any part may be anything. */
import type { Span } from "../api/types.gen";
import { asText, openJson } from "../format/text";
import { isRecord } from "./statement";

export type Part =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "tool_call"; id: string | null; name: string; arguments: unknown }
  | { type: "tool_result"; id: string | null; result: unknown }
  | { type: "image"; mime: string; data: string }
  | { type: "reference"; label: string; uri: string }
  | { type: "other"; name: string; value: unknown };

export interface Message {
  role: string;
  name: string | null;
  direction: "input" | "output";
  parts: readonly Part[];
}

/** A whole conversation as one list: instructions, what was sent, what came back. */
export function conversationOf(
  span: Pick<Span, "system_instructions" | "input_messages" | "output_messages">,
): Message[] {
  const messages: Message[] = [];
  const system = span.system_instructions ?? [];
  if (system.length > 0) {
    messages.push({ role: "system", name: null, direction: "input", parts: system.map(readPart) });
  }
  for (const message of span.input_messages ?? []) messages.push(readMessage(message, "input"));
  for (const message of span.output_messages ?? []) messages.push(readMessage(message, "output"));
  return messages;
}

function readMessage(message: Record<string, unknown>, direction: Message["direction"]): Message {
  const parts = message["parts"] ?? message["content"];
  const list = Array.isArray(parts) ? parts : parts === undefined || parts === null ? [] : [parts];
  return { role: text(message["role"]) || "unknown", name: text(message["name"]) || null, direction, parts: list.map(readPart) };
}

// Rasters only: an SVG is a document of its own.
const RASTER = /^image\/(?:png|jpeg|gif|webp)$/;
const BASE64 = /^[A-Za-z0-9+/\s]+=*\s*$/;

export function readPart(part: unknown): Part {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isRecord(part)) return { type: "other", name: "part", value: part };
  const id = text(part["id"]) || null;
  switch (part["type"]) {
    case "text":
    case "reasoning":
      return { type: part["type"], text: asText(part["content"] ?? "") };
    case "tool_call":
      return { type: "tool_call", id, name: text(part["name"]) || "tool", arguments: openJson(part["arguments"] ?? null) };
    case "tool_call_response":
      return { type: "tool_result", id, result: openJson(part["response"] ?? part["result"] ?? null) };
    case "blob": {
      const mime = text(part["mime_type"]);
      const data = text(part["content"]);
      if (RASTER.test(mime) && BASE64.test(data)) return { type: "image", mime, data };
      return { type: "other", name: "blob", value: part };
    }
    case "uri":
    case "file":
      return { type: "reference", label: text(part["modality"]) || "file", uri: text(part["uri"]) || text(part["file_id"]) };
    default:
      return { type: "other", name: text(part["type"]) || "part", value: part };
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A message as plain text, for copying and for counting characters. */
export function messageText(message: Message): string {
  return message.parts.map(partText).join("\n\n");
}

function partText(part: Part): string {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text;
    case "tool_call":
      return `${part.name}(${asText(part.arguments)})`;
    case "tool_result":
      return asText(part.result);
    case "image":
      return `[${part.mime}]`;
    case "reference":
      return part.uri;
    case "other":
      return asText(part.value);
  }
}
