import { describe, expect, it } from "vitest";
import { textsOf } from "./pairTexts";
import { span } from "./testing";

const message = (role: string, content: string) => ({ role, parts: [{ type: "text", content }] });

describe("textsOf", () => {
  it("holds messages against messages, not once more as input", () => {
    const a = span("a", { kind: "llm", input: "q", input_messages: [message("system", "be"), message("user", "q")], output_messages: [message("assistant", "x")] });
    const b = span("b", { kind: "llm", input: "r", input_messages: [message("user", "r")], output_messages: [message("assistant", "y")] });
    expect(textsOf(a, b, [], [])).toEqual([
      { title: "Instructions", a: "be", b: "" },
      { title: "Messages", a: "user:\nq", b: "user:\nr" },
      { title: "Answer", a: "x", b: "y" },
    ]);
  });
  it("has the statement of a tool and its error", () => {
    const a = span("a", { kind: "tool", tool: { name: "run", call_id: null, arguments: { query: "SELECT 1" }, result: null } });
    const b = span("b", { kind: "tool", error: { type: "E", message: "no" } });
    expect(textsOf(a, b, [], []).map((text) => text.title)).toEqual(["Error", "SQL", "Input"]);
  });
  it("has the names of folded spans", () => {
    expect(textsOf(undefined, undefined, [span("x")], [span("x"), span("y")])).toEqual([{ title: "Folded spans", a: "x", b: "x\ny" }]);
  });
  it("has one side alone", () => expect(textsOf(undefined, span("b", { output: { n: 1 } }), [], [])).toHaveLength(1));
});
