import { expect, it } from "vitest";
import { fromPoints, isHalf, take, toPoints, wrongPart } from "./suggest";

it("counts characters as the server does", () => {
  expect(toPoints("🎵 a", 3)).toBe(2);
  expect(fromPoints("🎵 a", 2)).toBe(3);
});

it("puts an offer in place of what was typed", () => {
  expect(take("🎵 sta", 2, 5, { kind: "key", text: "status:" })).toEqual({ text: "🎵 status:", cursor: 10 });
  expect(take("status:e", 7, 8, { kind: "value", text: "error" })).toEqual({ text: "status:error ", cursor: 13 });
  expect(take("status:e b", 7, 8, { kind: "value", text: "error" })).toEqual({ text: "status:error b", cursor: 12 });
  expect(take("sta:error", 0, 3, { kind: "key", text: "status:" })).toEqual({ text: "status:error", cursor: 7 });
});

it("waits for the value of a key and the end of a quote", () => {
  for (const text of ["kind:", "a -status:", "attr.http", "score.x:", 'say "hi', "a -"]) expect(isHalf(text)).toBe(true);
  for (const text of ["", "kind:llm", 'a "b c"', "a-", 'x:"a\\"b"']) expect(isHalf(text)).toBe(false);
});

it("finds the part that the message points at", () => {
  const text = 'albums kind:"a b" x';
  expect(wrongPart(`wrong at position 7:\n${text}\n       ^`, text)).toEqual({ start: 7, end: 17 });
  expect(wrongPart("🎵 🎵 k:\n  ^", "🎵 k:")).toEqual({ start: 3, end: 5 });
  expect(wrongPart("too slow", text)).toBeNull();
});
