import { expect, test } from "vitest";
import { shortName } from "./name";

test("the operation goes where the icon tells it, and only there", () => {
  expect(shortName({ name: "execute_tool run_sql", kind: "tool", operation: "execute_tool", tool: null })).toBe("run_sql");
  expect(shortName({ name: "invoke_workflow write SQL", kind: "chain", operation: "invoke_workflow", tool: null })).toBe("write SQL");
  expect(shortName({ name: "chat gpt-4o", kind: "llm", operation: "chat", tool: null })).toBe("chat gpt-4o");
  expect(shortName({ name: "run SQL", kind: "tool", operation: "execute_tool", tool: null })).toBe("run SQL");
  expect(shortName({ name: "execute_tool ", kind: "tool", operation: "execute_tool", tool: null })).toBe("execute_tool ");
  expect(shortName({ name: "step", kind: "chain", operation: null, tool: null })).toBe("step");
});

test("a tool has the name that the model calls it by", () => {
  const tool = { name: "run_sql", call_id: null, arguments: null, result: null };
  expect(shortName({ name: "ai.toolCall", kind: "tool", operation: "execute_tool", tool })).toBe("run_sql");
  expect(shortName({ name: "ai.toolCall", kind: "tool", operation: "execute_tool", tool: { ...tool, name: null } })).toBe("ai.toolCall");
  expect(shortName({ name: "answer", kind: "chain", operation: null, tool })).toBe("answer");
});
