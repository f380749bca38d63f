import { describe, expect, test } from "vitest";
import { badgeKey, buildTree, failures, firstToShow, foldableSteps, pathTo, reveal, toggle, visibleRows, type Folding, type View } from "./tree";
import { spansOf } from "./testing";
import type { Span } from "../api/types.gen";

const CLOSED: Folding = { closed: new Set(), openBadges: new Set() };

// ask > answer > (call > POST), (tool > connect, SELECT); POST and the database's spans are folded.
const STORY = spansOf([
  ["ask", null, { kind: "server" }],
  ["answer", "ask", { kind: "chain" }],
  ["call", "answer", { kind: "llm" }],
  ["POST", "call", { kind: "client", folded_into: "call" }],
  ["tool", "answer", { kind: "tool" }],
  ["connect", "tool", { kind: "db", folded_into: "tool" }],
  ["SELECT", "tool", { kind: "db", folded_into: "tool" }],
  ["send", "ask", { folded_into: "ask" }],
]);

function shape(spans: readonly Span[], view: View, folding: Folding = CLOSED): string[] {
  return visibleRows(buildTree(spans, view), folding).map((row) => "  ".repeat(row.depth) + row.key);
}

describe("the story", () => {
  test("folded spans stand in one badge, after the other children of their step", () => {
    expect(shape(STORY, "story")).toEqual([
      "ask",
      "  answer",
      "    call",
      "      fold:call",
      "    tool",
      "      fold:tool",
      "  fold:ask",
    ]);
  });

  test("an open badge shows all its spans, with the same ids", () => {
    const rows = shape(STORY, "story", { ...CLOSED, openBadges: new Set(["tool"]) });
    expect(rows.slice(4, 8)).toEqual(["    tool", "      fold:tool", "        connect", "        SELECT"]);
  });

  test("all spans are there once every badge is open", () => {
    const rows = shape(STORY, "story", { ...CLOSED, openBadges: new Set(["ask", "call", "tool"]) });
    const ids = rows.map((row) => row.trim()).filter((key) => !key.startsWith("fold:"));
    expect(ids.sort()).toEqual(STORY.map((span) => span.span_id).sort());
  });

  test("spans of one badge keep their own tree", () => {
    const spans = spansOf([
      ["tool", null],
      ["pool", "tool", { folded_into: "tool" }],
      ["connect", "pool", { folded_into: "tool" }],
    ]);
    expect(shape(spans, "story", { ...CLOSED, openBadges: new Set(["tool"]) })).toEqual([
      "tool",
      "  fold:tool",
      "    pool",
      "      connect",
    ]);
  });

  test("a shown span under a folded one moves up to the nearest shown ancestor", () => {
    const spans = spansOf([
      ["tool", null],
      ["pool", "tool", { folded_into: "tool" }],
      ["failed", "pool", { status: "error" }],
    ]);
    expect(shape(spans, "story")).toEqual(["tool", "  failed", "  fold:tool"]);
  });

  test("a fold into a step that is not in the trace shows the span itself", () => {
    expect(shape(spansOf([["a", null], ["b", "a", { folded_into: "missing" }]]), "story")).toEqual(["a", "  b"]);
  });

  test("a closed step hides its children and its badge", () => {
    expect(shape(STORY, "story", { ...CLOSED, closed: new Set(["answer"]) })).toEqual(["ask", "  answer", "  fold:ask"]);
  });
});

test("all spans are shown in the tree they were sent in", () => {
  expect(shape(STORY, "all")).toEqual([
    "ask",
    "  answer",
    "    call",
    "      POST",
    "    tool",
    "      connect",
    "      SELECT",
    "  send",
  ]);
});

test("an orphan stands as a root", () => {
  expect(shape(spansOf([["a", null], ["b", "missing"]]), "story")).toEqual(["a", "b"]);
});

test("parents in a circle end as roots and not in a loop", () => {
  const spans = spansOf([["a", null], ["b", "a"]]).map((span) =>
    span.span_id === "a" ? { ...span, parent_span_id: "b", depth: 0 } : span,
  );
  expect(shape(spans, "all")).toEqual(["a", "  b"]);
});

test("fifty thousand levels are no recursion", () => {
  const spans = spansOf(Array.from({ length: 50_000 }, (_, at) => [`s${at}`, at === 0 ? null : `s${at - 1}`] as const));
  expect(shape(spans.slice(0, 2), "all")).toEqual(["s0", "  s1"]);
  expect(visibleRows(buildTree(spans, "story"), CLOSED)).toHaveLength(50_000);
});

describe("the way to a row", () => {
  test("leads through the badge that holds it", () => {
    const tree = buildTree(STORY, "story");
    expect(pathTo(tree, "SELECT")).toEqual([badgeKey("tool"), "tool", "answer", "ask"]);
  });

  test("is opened by reveal and by nothing else", () => {
    const tree = buildTree(STORY, "story");
    const folding = reveal(tree, { closed: new Set(["ask", "call"]), openBadges: new Set() }, "SELECT");
    expect([...folding.closed]).toEqual(["call"]);
    expect([...folding.openBadges]).toEqual(["tool"]);
    expect(visibleRows(tree, folding).map((row) => row.key)).toContain("SELECT");
  });

  test("toggle folds and unfolds", () => {
    const tree = buildTree(STORY, "story");
    const row = visibleRows(tree, CLOSED).find((one) => one.key === badgeKey("tool"));
    if (!row) throw new Error("no badge");
    const open = toggle(CLOSED, row);
    expect([...open.openBadges]).toEqual(["tool"]);
    expect(toggle(open, row).openBadges.size).toBe(0);
  });
});

test("folding all steps leaves the first two levels", () => {
  const closed = new Set(foldableSteps(buildTree(STORY, "story")));
  expect([...closed].sort()).toEqual(["answer", "call", "tool"]);
  expect(shape(STORY, "story", { ...CLOSED, closed })).toEqual(["ask", "  answer", "  fold:ask"]);
});

describe("failures", () => {
  const failed = { status: "error" } as const;

  test("of a chain of failing spans the deepest counts", () => {
    const spans = spansOf([["a", null, failed], ["b", "a", failed], ["c", "b", failed], ["d", "a"], ["e", "a", failed]]);
    expect(failures(spans).map((span) => span.span_id)).toEqual(["c", "e"]);
  });

  test("a failure is shown first, else the first call of a model, else the root", () => {
    expect(firstToShow(spansOf([["a", null, failed], ["b", "a", failed]]))?.span_id).toBe("b");
    expect(firstToShow(STORY)?.span_id).toBe("call");
    expect(firstToShow(spansOf([["a", null]]))?.span_id).toBe("a");
    expect(firstToShow([])).toBeUndefined();
  });
});
