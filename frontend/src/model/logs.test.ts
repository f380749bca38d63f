import { describe, expect, it } from "vitest";
import type { LogRecord } from "../api/types.gen";
import { hasAnsi, withoutAnsi } from "../format/ansi";
import { barsOf, exceptionOf, levelOf, mergeLogs, messageOf } from "./logs";

function record(part: Partial<LogRecord>): LogRecord {
  return {
    id: "1.1",
    time_unix_nano: "1",
    observed_time_unix_nano: "1",
    severity_number: 9,
    severity_text: "INFO",
    event_name: "",
    body: "hello",
    attributes: {},
    dropped_attributes_count: 0,
    trace_id: null,
    span_id: null,
    flags: 0,
    service: "qa",
    scope: { name: "", version: "", attributes: {}, dropped_attributes_count: 0, schema_url: "" },
    resource: { attributes: {}, dropped_attributes_count: 0, schema_url: "", entity_refs: [] },
    ...part,
  };
}

describe("messages", () => {
  it("are text without the colours of a terminal", () => {
    expect(messageOf(record({ body: "\u001b[1;31mred\u001b[0m plain\u001b]0;title\u0007" }))).toBe("red plain");
    expect(withoutAnsi("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\")).toBe("link");
    expect(hasAnsi("\u001b[2K")).toBe(true);
    expect(hasAnsi("[2K")).toBe(false);
  });
  it("show what is left of a broken sequence", () => {
    expect(messageOf(record({ body: "a\u001b[" }))).toBe("a\\x1b[");
  });
  it("are the words of a structured body, also as JSON text", () => {
    expect(messageOf(record({ body: { level: "info", msg: "up" } }))).toBe("up");
    expect(messageOf(record({ body: '{"message": "asked", "n": 1}' }))).toBe("asked");
    expect(messageOf(record({ body: { n: 1 } }))).toBe('{"n":1}');
    expect(messageOf(record({ body: 0 }))).toBe("0");
  });
  it("fall back to what was raised, then to the event's name", () => {
    const raised = { "exception.type": "ValueError", "exception.message": "no such album" };
    expect(messageOf(record({ body: null, attributes: raised }))).toBe("ValueError: no such album");
    expect(messageOf(record({ body: null, event_name: "gen_ai.choice" }))).toBe("gen_ai.choice");
    expect(messageOf(record({ body: "" }))).toBe("(no message)");
  });
});

it("an exception has its title and its stack", () => {
  expect(exceptionOf(record({}))).toBeNull();
  expect(exceptionOf(record({ attributes: { "exception.stacktrace": "Traceback" } }))).toEqual({ title: "exception", stacktrace: "Traceback" });
});

it("severity numbers come in fours", () => {
  expect([0, 1, 4, 5, 9, 12, 13, 17, 21, 24, 99].map(levelOf)).toEqual([
    "unset", "trace", "trace", "debug", "info", "info", "warn", "error", "fatal", "fatal", "fatal",
  ]);
});

it("rows that came twice are shown once", () => {
  const [a, b, c] = ["1", "2", "3"].map((id) => record({ id }));
  expect(mergeLogs([c!, b!], [b!, a!]).map((log) => log.id)).toEqual(["3", "2", "1"]);
});

it("bars stand for every step, empty ones too", () => {
  const none = { unset: 0, trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 };
  const bars = barsOf([{ time_unix_nano: "10", ...none, info: 2, error: 1 }, { time_unix_nano: "40", ...none, warn: 3 }], "10");
  expect(bars.map((bar) => bar.total)).toEqual([3, 0, 0, 3]);
  expect(bars[0]?.parts).toEqual([{ level: "error", count: 1 }, { level: "info", count: 2 }]);
  expect(barsOf([], "10")).toEqual([]);
});
