import { describe, expect, it } from "vitest";
import { brokenParts, isSame, shortened, sqlDiff, textDiff } from "./textDiff";

describe("textDiff", () => {
  it("marks words", () => {
    expect(textDiff("the big cat", "the small cat")).toEqual([
      { kind: "same", text: "the " }, { kind: "gone", text: "big" }, { kind: "new", text: "small" }, { kind: "same", text: " cat" },
    ]);
  });
  it("keeps both texts whole", () => {
    const [before, after] = ["a b\n c  d", "a x\n c d e"];
    const parts = textDiff(before, after) ?? [];
    expect(parts.filter((part) => part.kind !== "new").map((part) => part.text).join("")).toBe(before);
    expect(parts.filter((part) => part.kind !== "gone").map((part) => part.text).join("")).toBe(after);
  });
  it("gives up on what is too long", () => expect(textDiff("a".repeat(3e6), "b")).toBeNull());
  it("has nothing for nothing", () => expect(textDiff("", "")).toEqual([]));
});

describe("sqlDiff", () => {
  const kinds = (a: string, b: string) => sqlDiff(a, b)?.filter((part) => part.kind !== "same").map((part) => [part.kind, part.tokens.map((one) => one.text).join("").trim()]);
  it("marks what the guard added", () => expect(kinds("SELECT a FROM b", "SELECT a FROM b LIMIT 200")).toEqual([["new", "LIMIT 200"]]));
  it("sees no difference in white space and case of keywords", () => expect(isSame(sqlDiff("select a from b", "SELECT  a\nFROM b"))).toBe(true));
  it("breaks at clauses and keeps the marks", () => {
    const broken = brokenParts(sqlDiff("SELECT a FROM b", "SELECT a FROM b LIMIT 2") ?? []);
    expect(broken.map((part) => [part.kind, part.tokens.map((one) => one.text).join("")])).toEqual([["same", "SELECT a\nFROM b\n"], ["new", "LIMIT 2"]]);
  });
  it("marks a value that became a parameter", () => expect(kinds("WHERE c = 'x'", "WHERE c = ?")).toEqual([["gone", "'x'"], ["new", "?"]]));
});

describe("shortened", () => {
  it("cuts the middle of what both share", () => {
    expect(shortened("a".repeat(100), 10, false, false)).toEqual({ head: "a".repeat(10), left: 80, tail: "a".repeat(10) });
    expect(shortened("a".repeat(100), 10, true, false)).toEqual({ head: "", left: 90, tail: "a".repeat(10) });
    expect(shortened("short", 10, false, false).left).toBe(0);
  });
});
