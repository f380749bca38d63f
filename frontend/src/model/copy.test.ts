import { expect, test } from "vitest";
import { tabText } from "./copy";
import { span } from "./testing";

test("each tab copies what it shows", () => {
  const call = span("a", {
    kind: "llm",
    input_messages: [{ role: "user", parts: [{ type: "text", content: "How many?" }] }],
    output_messages: [{ role: "assistant", parts: [{ type: "text", content: "8" }] }],
    attributes: { "db.query.text": "SELECT 1" },
  });
  expect(tabText("conversation", call, [], [])).toBe("user:\nHow many?\n\nassistant:\n8");
  expect(tabText("sql", call, [], [])).toBe("SELECT 1");
  expect(JSON.parse(tabText("attributes", call, [], []))).toEqual({ "db.query.text": "SELECT 1" });
  expect(JSON.parse(tabText("raw", call, [], []))).toEqual(call);
});

test("a tool's arguments and result are its input and output", () => {
  const tool = span("a", { kind: "tool", tool: { name: "t", call_id: null, arguments: { a: 1 }, result: [2] } });
  expect(JSON.parse(tabText("io", tool, [], []))).toEqual({ input: { a: 1 }, output: [2] });
});

test("logs are copied as lines", () => {
  const { scope, resource } = span("a");
  const log = {
    id: "1.0", time_unix_nano: "0",
    observed_time_unix_nano: "1764000000123456789",
    severity_number: 9,
    severity_text: "INFO",
    event_name: "",
    body: "answered",
    attributes: {},
    dropped_attributes_count: 0,
    trace_id: null,
    span_id: null,
    flags: 0,
    service: "qa",
    scope,
    resource,
  };
  expect(tabText("logs", span("a"), [], [log])).toMatch(/^2025-11-2\d \d\d:\d\d:\d\d\.123456789 INFO answered$/);
});
