import { expect, test } from "vitest";
import { keptFor, settingOf } from "./project";

function setting(variable: string, value: string | null) {
  return { variable, value, default: null, is_default: value === null, of_project: false, meaning: "" };
}

test("what is kept is said in days, and nothing said is for good", () => {
  const settings = [setting("LLM_TRACING_KEEP_DAYS", "30.0"), setting("LLM_TRACING_KEEP_DAYS_LOGS", "1"), setting("LLM_TRACING_KEEP_DAYS_METRICS", "0")];
  expect(keptFor(settings, "KEEP_DAYS", "embedded")).toBe("30 days");
  expect(keptFor(settings, "KEEP_DAYS_LOGS", "embedded")).toBe("1 day");
  expect(keptFor(settings, "KEEP_DAYS_METRICS", "embedded")).toBe("for good");
  expect(keptFor([], "KEEP_DAYS", "embedded")).toBe("for good");
});

test("a setting is found by its whole name", () => {
  const settings = [setting("LLM_TRACING_KEEP_DAYS_LOGS", "2"), setting("LLM_TRACING_PRICES", null)];
  expect(settingOf(settings, "KEEP_DAYS")).toBeNull();
  expect(settingOf(settings, "PRICES")).toBeNull();
  expect(settingOf(settings, "KEEP_DAYS_LOGS")).toBe("2");
});

test("over backends they decide, and the ages are of what was read", () => {
  const settings = [setting("LLM_TRACING_KEEP_DAYS", "0.0"), setting("LLM_TRACING_KEEP_DAYS_LOGS", "1")];
  expect(keptFor(settings, "KEEP_DAYS", "lgtm")).toBe("as long as Tempo keeps them");
  expect(keptFor(settings, "KEEP_DAYS_LOGS", "lgtm")).toBe("as long as Loki keeps them; what was read of them 1 day");
  expect(keptFor(settings, "KEEP_DAYS_METRICS", "lgtm")).toBe("as long as Prometheus keeps them");
});
