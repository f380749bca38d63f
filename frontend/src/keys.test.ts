import { expect, test } from "vitest";
import { actionOf, KEYS, type Action, type Key } from "./keys";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey", boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

test("no key stands for two actions of one place", () => {
  for (const place of ["traces", "trace", "progress", "doctor", "dashboard", "lists", "logs", "metrics"] as const) {
    const keys = Object.values<Key>(KEYS)
      .filter((key) => key.place === place || key.place === "everywhere")
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
