import { expect, test } from "vitest";
import { elapsed } from "./running";

test("what runs has been running since its start, to a tenth of a second", () => {
  expect(elapsed("1000000000", "3460000000", null)).toBe("2400000000");
  expect(elapsed("1000000000", "3460000000", "2000000000")).toBe("2400000000");
});

test("a clock that is behind takes nothing away from what is known", () => {
  expect(elapsed("9000000000", "3460000000", null)).toBe("0");
  expect(elapsed("9000000000", "3460000000", "2000000000")).toBe("2000000000");
});
