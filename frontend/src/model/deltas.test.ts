import { describe, expect, it } from "vitest";
import { costDelta, durationDelta, tokensDelta } from "./deltas";

describe("deltas", () => {
  it("gives durations with a sign and a share", () => {
    expect(durationDelta(100e6, 150e6)).toEqual({ text: "+50 ms", tone: "more", title: "100 ms → 150 ms, +50 %" });
    expect(durationDelta(2e9, 1e9).text).toBe("−1.00 s");
    expect(durationDelta(1e6, 1.05e6).tone).toBe("same");
    expect(durationDelta(100e6, 105e6).tone).toBe("same");
    expect(durationDelta(null, 1).tone).toBe("none");
  });
  it("gives tokens", () => expect(tokensDelta(1200, 1000)).toMatchObject({ text: "−200 tok", tone: "less" }));
  it("gives money exactly, and none without a price", () => {
    expect(costDelta("0.0001", "0.0004")).toMatchObject({ text: "+$0.00030", tone: "more" });
    expect(costDelta("0.1", "0.1").text).toBe("±$0");
    expect(costDelta(null, "0.1").tone).toBe("none");
  });
});
