import { describe, expect, it } from "vitest";
import { align, type Alignable } from "./align";

function steps(text: string, depth = 0): Alignable[] {
  return [...text].map((key) => ({ key, kind: key.toLowerCase(), depth }));
}

/** `ab-` over `a-c` for pairs and gaps. */
function shown(a: string, b: string, limit?: number): [string, string] {
  const pairs = align(steps(a), steps(b), limit);
  return [pairs.map(([at]) => (at === null ? "-" : a[at])).join(""), pairs.map(([, at]) => (at === null ? "-" : b[at])).join("")];
}

describe("align", () => {
  it("puts the same steps beside each other", () => expect(shown("abc", "abc")).toEqual(["abc", "abc"]));
  it("leaves a gap where a step was added or is gone", () => {
    expect(shown("abcd", "abxcd")).toEqual(["ab-cd", "abxcd"]);
    expect(shown("abcd", "ad")).toEqual(["abcd", "a--d"]);
  });
  it("pairs a renamed step of the same kind", () => expect(shown("aCd", "acd")).toEqual(["aCd", "acd"]));
  it("rather pairs by name than by kind", () => expect(shown("xCcy", "xcy")).toEqual(["xCcy", "x-cy"]));
  it("does not pair steps of different kinds", () => expect(shown("ab", "az")).toHaveLength(2));
  it("takes a retry beside the last attempt or the first, never between", () => {
    const pairs = align(steps("abcbcd"), steps("abcd"));
    expect(pairs.filter(([a, b]) => a !== null && b !== null)).toHaveLength(4);
  });
  it("has every step once, in order, whatever the size of what may be exact", () => {
    const [a, b] = ["abcdefghijabcdefghij", "bcdxefghjiabdcefgh"];
    for (const limit of [0, 5, 50, 1e6]) {
      const pairs = align(steps(a), steps(b), limit);
      expect(pairs.flatMap(([at]) => (at === null ? [] : [at]))).toEqual([...a].map((_, at) => at));
      expect(pairs.flatMap(([, at]) => (at === null ? [] : [at]))).toEqual([...b].map((_, at) => at));
    }
  });
  it("cuts large ones at steps that occur once", () => {
    expect(shown("aaaaXaaaa", "aaXaa", 1)[0].replaceAll("-", "")).toBe("aaaaXaaaa");
    const pairs = align(steps("aaaaXbbbb"), steps("aXbb"), 1);
    expect(pairs.find(([a]) => a === 4)?.[1]).toBe(1);
  });
  it("takes nothing at all", () => {
    expect(align([], [])).toEqual([]);
    expect(align([], steps("a"))).toEqual([[null, 0]]);
  });
});
