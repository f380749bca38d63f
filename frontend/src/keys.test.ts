import { expect, test } from "vitest";
import { actionOf, GO, goal, KEYS, type Action, type Key, type Place } from "./keys";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey", boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

test("no key stands for two actions of one place", () => {
  const withBar: readonly Place[] = ["traces", "dashboard", "lists", "logs", "metrics"];
  for (const place of new Set(Object.values<Key>(KEYS).map((key) => key.place))) {
    const keys = Object.values<Key>(KEYS)
      .filter((key) => key.place === place || key.place === "everywhere" || (key.place === "bar" && place !== "bar" && withBar.includes(place)))
      .flatMap((key) => key.keys);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test("a key means what the page offers, and nothing with Ctrl held", () => {
  const offered: Action[] = ["unfold", "nextSpan"];
  expect(actionOf(press("l"), offered)).toBe("unfold");
  expect(actionOf(press("l"), ["live"])).toBe("live");
  expect(actionOf(press("x"), offered)).toBeUndefined();
  expect(actionOf(press("l", { ctrlKey: true }), offered)).toBeUndefined();
});

test("two keys lead to a page; the first of them means nothing else", () => {
  expect(goal("l")).toBe("goLogs");
  expect(goal("?")).toBeUndefined();
  expect(Object.values<Key>(KEYS).flatMap((key) => key.keys)).not.toContain(GO);
});
