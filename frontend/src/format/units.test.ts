import { expect, it } from "vitest";
import { formatNumber, formatUnit } from "./units";

it("says values in their unit", () => {
  expect(formatUnit(0.0123, "s")).toBe("12.3 ms");
  expect(formatUnit(350, "ms")).toBe("350 ms");
  expect(formatUnit(125, "s")).toBe("2.08 min");
  expect(formatUnit(4200, "By")).toBe("4.2 kB");
  expect(formatUnit(2048, "KiBy")).toBe("2.1 MB");
  expect(formatUnit(73.2, "%")).toBe("73.2 %");
  expect(formatUnit(3, "{token}")).toBe("3 token");
  expect(formatUnit(0.5, "{request}", true)).toBe("0.5 request/s");
  expect(formatUnit(7, "1")).toBe("7");
  expect(formatUnit(2, "s", true)).toBe("2 s/s");
  expect(formatUnit(null, "s")).toBe("–");
});

it("says plain numbers short", () => {
  expect([0, 0.00001234, 0.0123, 3.456, 12345, 2_500_000, 3e9, -4.5].map(formatNumber)).toEqual([
    "0", "1.2e-5", "0.0123", "3.46", "12,345", "2.5 M", "3 G", "-4.5",
  ]);
});
