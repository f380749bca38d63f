import { expect, test } from "vitest";
import type { Sender } from "../api/types.gen";
import { ago, clockWords, COLUMNS, guessField, longerWindow, mappingFile, shownSenders, unmappedOf, windowSeconds } from "./doctor";

const sender = (name: string, rest: Partial<Sender> = {}): Sender => ({
  sender: name,
  received: {},
  stored: 0,
  again: 0,
  late: 0,
  refused: {},
  unmapped: [],
  ways: {},
  clock_offset_ns: null,
  last_seen_unix_nano: "0",
  last_error: null,
  recent: {
    sdks: [],
    scopes: [],
    spans: 0,
    cut: 0,
    running: 0,
    calls: 0,
    silent_calls: 0,
    looked_at: 0,
    folded: 0,
    orphaned: 0,
    unpriced: [],
  },
  ...rest,
});

test("spans and runs are one number, refusals of all reasons another", () => {
  const one = sender("a", { received: { traces: 2, runs: 3, logs: 4 }, refused: { ids: 1, invalid: 2 } });
  const numbers = Object.fromEntries(COLUMNS.map((column) => [column.name, column.of(one)]));
  expect(numbers).toMatchObject({ Spans: 5, Logs: 4, Points: 0, Refused: 3 });
});

test("the doctor's own probes are not shown as a sender", () => {
  expect(shownSenders([sender("llm-tracing-doctor"), sender("shop")]).map((one) => one.sender)).toEqual(["shop"]);
});

test("attributes of several senders are told once, the commonest first", () => {
  const found = unmappedOf([
    sender("a", { unmapped: [{ attribute: "llm.x", spans: 1 }] }),
    sender("b", { unmapped: [{ attribute: "llm.y", spans: 3 }, { attribute: "llm.x", spans: 1 }] }),
  ]);
  expect(found).toEqual([
    { attribute: "llm.y", spans: 3, senders: ["b"] },
    { attribute: "llm.x", spans: 2, senders: ["a", "b"] },
  ]);
});

test.each([
  ["acme.model", "request_model"],
  ["gen_ai.responseModel", "response_model"],
  ["llm.prompt_tokens", "input_tokens"],
  ["llm.tokens.output", "output_tokens"],
  ["llm.cached_tokens", "cache_read_tokens"],
  ["ai.threadId", "session_id"],
  ["llm.enduser", "user_id"],
  ["llm.prompt", "input"],
  ["gen_ai.mood", null],
])("%s may be %s", (attribute, field) => {
  expect(guessField(attribute)).toBe(field);
});

test("the lines of a mapping file can be pasted; what is not known waits as a comment", () => {
  const file = mappingFile([
    { attribute: "acme.model", spans: 2, senders: [] },
    { attribute: "gen_ai.mood", spans: 1, senders: [] },
    { attribute: "llm.user: x", spans: 1, senders: [] },
  ]);
  expect(file.split("\n")).toEqual([
    "attributes:",
    "  acme.model: request_model",
    "  # gen_ai.mood: FIELD  (1 span)",
    '  "llm.user: x": user_id',
  ]);
});

test.each([
  ["0", "before the start"],
  ["100000000000", "0 s ago"],
  ["41000000000", "59 s ago"],
  ["40000000000", "1 min ago"],
])("%s is %s", (ns, words) => {
  expect(ago(ns, "100000000000")).toBe(words);
});

test("a clock is told in words", () => {
  expect(clockWords(null)).toBeNull();
  expect(clockWords("600000000000")).toContain("10 m 00 s ahead");
  expect(clockWords("-500000000")).toContain("500 ms after their end");
});

test("windows go round", () => {
  expect(longerWindow("1h")).toBe("24h");
  expect(longerWindow("30d")).toBe("15m");
  expect(windowSeconds("24h")).toBe(86_400);
});
