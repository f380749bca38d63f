import { describe, expect, test } from "vitest";
import { costNote, formatCost, formatUnitPrice } from "./cost";
import { isZero, sumDecimals } from "./decimal";
import { formatDuration, formatTick } from "./duration";
import { formatBytes, formatCount, formatTokens, plural, shortTokens } from "./numbers";
import { firstLine, firstPart, oneLine, openJson, plainLine, visible, pieces } from "./text";
import { formatExactTime, formatTime, nsBetween } from "./time";

describe("durations", () => {
  test.each([
    ["0", "0 ns"],
    ["950", "950 ns"],
    ["4200", "4 µs"],
    ["300000", "0.3 ms"],
    ["4200000", "4.2 ms"],
    ["42000000", "42 ms"],
    ["999400000", "999 ms"],
    ["999600000", "1.00 s"],
    ["3140000000", "3.14 s"],
    ["59940000000", "59.9 s"],
    ["59960000000", "1 m 00 s"],
    ["125000000000", "2 m 05 s"],
    ["10920000000000", "3 h 02 m"],
  ])("%s ns is %s", (ns, text) => expect(formatDuration(ns)).toBe(text));

  test("none is the dash, and a clock that went back is negative", () => {
    expect(formatDuration(null)).toBe("–");
    expect(formatDuration("-1000000")).toBe("-1.0 ms");
  });

  test("on an axis they are round", () => {
    expect([0, 1e9, 2.5e9, 5e8, 60e9, 3600e9].map(formatTick)).toEqual(["0", "1 s", "2.5 s", "500 ms", "1 m", "1 h"]);
  });
});

describe("money", () => {
  test("unit prices are exact", () => {
    expect(["3", "2.5", "0.075", "0", "0.0028"].map(formatUnitPrice)).toEqual(["$3", "$2.50", "$0.075", "$0", "$0.0028"]);
  });

  test.each([
    ["0.0015", "$0.0015"],
    ["0.000308", "$0.00031"],
    ["0.0000024", "$0.0000024"],
    ["0.5", "$0.50"],
    ["12.345", "$12.35"],
    ["1234.5", "$1,235"],
    ["0", "$0"],
    ["0.00", "$0"],
  ])("%s is %s", (usd, text) => expect(formatCost(usd)).toBe(text));

  test("no price is never zero", () => {
    for (const none of [null, undefined, "free"]) expect(formatCost(none)).toBe("–");
    expect(costNote({ total_usd: null, unpriced_calls: 2 })).toBe("Unpriced: no price known for 2 calls.");
    expect(costNote({ total_usd: "1", unpriced_calls: 1 })).toBe("Without 1 call that has no known price.");
    expect(costNote({ total_usd: "1", unpriced_calls: 0 })).toBeNull();
  });

  test("sums are exact", () => {
    expect(sumDecimals(["0.1", "0.2"])).toBe("0.3");
    expect(sumDecimals(Array.from({ length: 1000 }, () => "0.0000024"))).toBe("0.0024");
    expect(sumDecimals(["1E-7", "2.5e-7", "-0.1"])).toBe("-0.09999965");
    expect(sumDecimals([null, null])).toBeNull();
    expect(sumDecimals([null, "0"])).toBe("0");
  });

  test("zero is zero however it is written", () => {
    expect(["0", "0.000", "0E-9", "-0"].every(isZero)).toBe(true);
    expect(isZero("0.0000000001")).toBe(false);
  });
});

test("counts have thousands and the right word", () => {
  expect(plural(1, "span")).toBe("1 span");
  expect(plural(1204, "span")).toBe("1,204 spans");
  expect(formatTokens(2691)).toBe("2,691 tok");
  expect(formatTokens(null)).toBe("–");
  expect([0, 999, 1000, -1_234_567, 1e15, 0.5].map(formatCount)).toEqual(["0", "999", "1,000", "-1,234,567", "1,000,000,000,000,000", "0.5"]);
  expect([2691, 9_999_999, 12_345_678, 999_960_000, 4.5e12, 1e18].map(shortTokens)).toEqual([
    "2,691 tok",
    "9,999,999 tok",
    "12.3 M tok",
    "1.0 B tok",
    "4.5 T tok",
    "1.0e+18 tok",
  ]);
  expect(shortTokens(null)).toBe("–");
  expect([812, 4200, 71_000_000].map(formatBytes)).toEqual(["812 B", "4.2 kB", "71 MB"]);
});

describe("text of strangers", () => {
  test("shows terminal escapes and direction overrides instead of obeying them", () => {
    expect(visible("\u001b[31mred\u0007")).toBe("\\x1b[31mred\\x07");
    expect(visible("a\u202egnp.exe\u2066")).toBe("a[U+202E]gnp.exe[U+2066]");
  });

  test("keeps letters of all scripts, tabs and line ends", () => {
    const text = "Überschrift\t你好\nعربى 🎉\u200f";
    expect(visible(text)).toBe(text);
  });

  test("is cut to one line for a row", () => {
    expect(firstLine("\n\n  first \nsecond")).toBe("first");
    expect(oneLine("a\n\n b\tc")).toBe("a b c");
    expect(plainLine("# Top\n**bold** and `code`\n```sql\nSELECT 1\n```")).toBe("Top bold and code SELECT 1");
    expect(plainLine("2 ** 3 and a_b_c")).toBe("2 ** 3 and a_b_c");
    expect(oneLine("x".repeat(1e6)).length).toBeLessThanOrEqual(400);
    expect(firstLine(null)).toBe("");
  });

  test("is cut at a whole character", () => {
    expect(firstPart("ab🎉", 3)).toBe("ab");
    expect(firstPart("ab🎉", 4)).toBe("ab🎉");
  });

  test("is opened only where it is JSON of more than one value", () => {
    expect(openJson('{"a": 1}')).toEqual({ a: 1 });
    for (const value of ["12", "null", "{broken", "text", 7]) expect(openJson(value)).toBe(value);
  });
});

describe("times", () => {
  const noon = new Date(2026, 10, 23, 12, 4, 31);
  const ns = (date: Date): string => `${date.getTime()}000000`;

  test("are short: the clock today, the day before that, the year before that", () => {
    expect(formatTime(ns(noon), noon)).toBe("12:04:31");
    expect(formatTime(ns(new Date(2026, 10, 21, 9, 5)), noon)).toBe("21 Nov 09:05");
    expect(formatTime(ns(new Date(2024, 0, 2)), noon)).toBe("2024-01-02");
  });

  test("are exact to the nanosecond", () => {
    expect(formatExactTime(`${Math.floor(noon.getTime() / 1000)}120345678`)).toBe("2026-11-23 12:04:31.120345678");
    expect(nsBetween("1764000000000000001", "1764000000000000004")).toBe(3);
  });

  test("that are none are told so", () => {
    expect(formatTime("soon")).toBe("–");
    expect(nsBetween("x", "y")).toBe(0);
  });
});

test("a long text is cut into pieces after lines or words, and none is lost", () => {
  const text = "a line of words\n".repeat(100) + "x".repeat(250) + "\u{1f600}".repeat(60);
  const parts = pieces(text, 100);
  expect(parts.join("")).toBe(text);
  expect(parts.slice(0, 10).every((part) => part.endsWith("\n"))).toBe(true);
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(100);
  expect(parts.every((part) => encodeURIComponent(part) !== "")).toBe(true);
  expect(pieces("")).toEqual([]);
});
