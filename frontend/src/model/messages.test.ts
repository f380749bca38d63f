import { describe, expect, test } from "vitest";
import { conversationOf, messageText, readPart } from "./messages";

const NOTHING = { system_instructions: null, input_messages: null, output_messages: null };

describe("a conversation", () => {
  test("is the instructions, then what was sent, then what came back", () => {
    const messages = conversationOf({
      system_instructions: [{ type: "text", content: "Be brief." }],
      input_messages: [{ role: "user", parts: [{ type: "text", content: "Hello" }] }],
      output_messages: [{ role: "assistant", parts: [{ type: "text", content: "Hi" }] }],
    });
    expect(messages.map(({ role, direction }) => [role, direction])).toEqual([
      ["system", "input"],
      ["user", "input"],
      ["assistant", "output"],
    ]);
    expect(messages.map(messageText)).toEqual(["Be brief.", "Hello", "Hi"]);
  });

  test("takes content as text, and messages without parts or role", () => {
    const messages = conversationOf({ ...NOTHING, input_messages: [{ role: "user", content: "plain" }, {}] });
    expect(messages.map((message) => [message.role, messageText(message)])).toEqual([
      ["user", "plain"],
      ["unknown", ""],
    ]);
  });
});

describe("a part", () => {
  test("of a tool call opens arguments that came as JSON text", () => {
    expect(readPart({ type: "tool_call", id: "1", name: "run_sql", arguments: '{"query": "SELECT 1"}' })).toEqual({
      type: "tool_call",
      id: "1",
      name: "run_sql",
      arguments: { query: "SELECT 1" },
    });
  });

  test("of a tool's answer is read from response and from the older result", () => {
    expect(readPart({ type: "tool_call_response", response: [1] })).toMatchObject({ result: [1] });
    expect(readPart({ type: "tool_call_response", result: "[1]" })).toMatchObject({ result: [1] });
  });

  test("is an image only if it is a raster in base64", () => {
    const blob = { type: "blob", modality: "image", mime_type: "image/png", content: "iVBORw0KGgo=" };
    expect(readPart(blob)).toEqual({ type: "image", mime: "image/png", data: "iVBORw0KGgo=" });
    expect(readPart({ ...blob, mime_type: "image/svg+xml" }).type).toBe("other");
    expect(readPart({ ...blob, content: '"><script>' }).type).toBe("other");
  });

  test("that is unknown is kept as it is", () => {
    for (const value of [{ type: "mystery", a: 1 }, null, 7, [1]]) expect(readPart(value)).toMatchObject({ type: "other", value });
  });
});
