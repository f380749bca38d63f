import { expect, test } from "vitest";
import { shortName } from "./name";

test("the operation goes where the icon tells it, and only there", () => {
  expect(shortName({ name: "execute_tool run_sql", kind: "tool", operation: "execute_tool" })).toBe("run_sql");
  expect(shortName({ name: "invoke_workflow write SQL", kind: "chain", operation: "invoke_workflow" })).toBe("write SQL");
  expect(shortName({ name: "chat gpt-4o", kind: "llm", operation: "chat" })).toBe("chat gpt-4o");
  expect(shortName({ name: "run SQL", kind: "tool", operation: "execute_tool" })).toBe("run SQL");
  expect(shortName({ name: "execute_tool ", kind: "tool", operation: "execute_tool" })).toBe("execute_tool ");
  expect(shortName({ name: "step", kind: "chain", operation: null })).toBe("step");
});
