import { expect, test } from "vitest";
import { keptFor, settingOf } from "./project";

function setting(variable: string, value: string | null) {
  return { variable, value, default: null, is_default: value === null, of_project: false, meaning: "" };
}

test("what is kept is said in days, and nothing said is for good", () => {
  const settings = [setting("LLM_TRACING_KEEP_DAYS", "30.0"), setting("LLM_TRACING_KEEP_DAYS_LOGS", "1"), setting("LLM_TRACING_KEEP_DAYS_METRICS", "0")];
  expect(keptFor(settings, "KEEP_DAYS")).toBe("30 days");
  expect(keptFor(settings, "KEEP_DAYS_LOGS")).toBe("1 day");
  expect(keptFor(settings, "KEEP_DAYS_METRICS")).toBe("for good");
  expect(keptFor([], "KEEP_DAYS")).toBe("for good");
});

test("a setting is found by its whole name", () => {
  const settings = [setting("LLM_TRACING_KEEP_DAYS_LOGS", "2"), setting("LLM_TRACING_PRICES", null)];
  expect(settingOf(settings, "KEEP_DAYS")).toBeNull();
  expect(settingOf(settings, "PRICES")).toBeNull();
  expect(settingOf(settings, "KEEP_DAYS_LOGS")).toBe("2");
});
