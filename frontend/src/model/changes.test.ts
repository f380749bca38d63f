import { describe, expect, it } from "vitest";
import { addedMessages, cacheTone, firstWords, lastLine, sharedPercent } from "./changes";

describe("what changed", () => {
  it("says 100 % only of what is the same", () => {
    expect([sharedPercent(9999, 10000), sharedPercent(10000, 10000), sharedPercent(1, 10000), sharedPercent(0, 5)]).toEqual([99, 100, 1, 0]);
  });
  it("warns of a cache that did not hold", () => {
    expect([cacheTone("broken"), cacheTone("missed"), cacheTone("kept"), cacheTone("too_short")]).toEqual(["warning", "warning", "changed", "changed"]);
  });
  it("shows the one line of the difference", () => {
    expect([lastLine("a\nlist a"), lastLine("x"), firstWords("lbums\nmore"), firstWords("\nmore"), firstWords("end")]).toEqual(["list a", "x", "lbums", "↵", "end"]);
  });
  it("reads messages as everywhere", () => {
    expect(addedMessages([{ role: "user", parts: [{ type: "text", content: "hi" }] }])[0]?.parts).toEqual([{ type: "text", text: "hi" }]);
  });
});
