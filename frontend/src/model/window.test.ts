import { expect, test } from "vitest";
import { behind, narrowed, within } from "./behind";
import { deltaText, share } from "./delta";
import { priceEntries } from "./priceEntries";
import { stepsOf } from "./steps";
import { toNs } from "./range";
import { boardSearch, boundsOf, previousOf, toAddress, windowLabel } from "./window";

const NOW = Date.UTC(2026, 10, 23, 12);
const MS = 1_000_000n;

test("an address holds a range's name or times; anything else is left out", () => {
  expect(boardSearch({ q: "a", since: "1h", until: "2026-11-23T12:00:00Z" })).toEqual({ q: "a", since: "1h", until: undefined });
  const times = { q: undefined, since: "2026-11-23T11:00:00.000Z", until: "1795435200000000000" };
  expect(boardSearch({ ...times })).toEqual({ ...times, since: "1795431600000000000" });
  expect(boardSearch({ q: 3, since: "yesterday", until: "javascript:alert(1)" })).toEqual({});
});

test("times are nanoseconds, ISO 8601 without a zone is UTC", () => {
  expect(toNs("2026-11-23T12:00:00")).toBe(BigInt(NOW) * MS);
  expect(toNs("1795435200000000001")).toBe(1795435200000000001n);
  expect(toNs("2026-99-99T00:00:00Z")).toBeUndefined();
});

test("a time goes into the address and comes back unchanged", () => {
  for (const ns of [0n, BigInt(NOW) * MS, BigInt(NOW) * MS + 1n, 2n ** 64n - 1n]) expect(toNs(toAddress(ns))).toBe(ns);
});

test("the time before is as long as the range", () => {
  const bounds = boundsOf({ since: "1h" }, NOW);
  const before = previousOf(bounds, NOW);
  expect(before).toEqual({ since: BigInt(NOW - 7_200_000) * MS, until: BigInt(NOW - 3_600_000) * MS });
  expect(previousOf(boundsOf({}, NOW), NOW)).toBeUndefined();
});

test("a range says what it is", () => {
  const show = (ns: string): string => `<${ns.slice(0, 4)}>`;
  expect(windowLabel({}, show)).toBe("Any time");
  expect(windowLabel({ since: "1h" }, show)).toBe("Last 1 h");
  expect(windowLabel({ since: "1795435200000000000", until: "1795435300000000000" }, show)).toBe("<1795> to <1795>");
});

test("a figure leads to its traces: the filter with one more term, once", () => {
  expect(narrowed("status:error", "model", "gpt 4")).toBe('status:error model:"gpt 4"');
  expect(narrowed("model:a", "model", "a")).toBe("model:a");
  expect(narrowed("model:a*", "model", "ab")).toBe("model:a* model:ab");
  expect(behind("", 0n, undefined)).toEqual({ q: undefined, since: "1970-01-01T00:00:00.000Z", until: undefined });
});

test("a bucket at the edge ends where the range does", () => {
  expect(within({ since: 0n, until: 10n }, { since: 3n, until: undefined })).toEqual({ since: 3n, until: 10n });
  expect(within({ since: 0n, until: 10n }, { since: undefined, until: 7n })).toEqual({ since: 0n, until: 7n });
});

test("a change against the time before", () => {
  expect(deltaText(112, 100)).toBe("+12 %");
  expect(deltaText(97, 100)).toBe("−3 %");
  expect(deltaText(100, 100)).toBe("no change");
  expect(deltaText(5000, 100)).toBe("×50");
  expect(deltaText(3, 0)).toBe("none before");
  expect(deltaText(0, 0)).toBeNull();
  expect(deltaText(null, 3)).toBeNull();
});

test("a share of nothing is no share", () => {
  expect(share(0, 0)).toBe("–");
  expect(share(0, 5)).toBe("0 %");
  expect(share(1, 5000)).toBe("< 0.1 %");
  expect(share(1, 3)).toBe("33 %");
});

test("lines for a price file name model and provider, quoted", () => {
  const text = priceEntries([{ model: 'a"b', provider: null }, { model: null, provider: "x" }, { model: "m", provider: "acme" }]);
  expect(text).toContain('  - model: "a\\"b"\n    input:');
  expect(text).toContain('  - model: "m"\n    provider: "acme"');
  expect(text.match(/model:/g)).toHaveLength(2);
});

test("the steps of a turn are what means something or failed", () => {
  const spans = [
    { kind: "server" as const, status: "ok" as const },
    { kind: "llm" as const, status: "ok" as const },
    { kind: "db" as const, status: "error" as const },
  ];
  const { steps, left } = stepsOf(spans);
  expect(steps.map((span) => span.kind)).toEqual(["llm", "db"]);
  expect(left).toBe(1);
});
