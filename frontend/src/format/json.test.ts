import { describe, expect, it } from "vitest";
import { parseJson } from "./json";

describe("parseJson", () => {
  it("reads what fits as it is", () => {
    expect(parseJson('{"a":[1,-2.5,"12345678901234567890",9007199254740991]}')).toEqual({
      a: [1, -2.5, "12345678901234567890", 9007199254740991],
    });
  });

  it("gives an integer that a double cannot hold as its digits, or rounded where the text of a value is not told", () => {
    const { big, real } = parseJson('{"big":9223372036854775807,"real":1e300}') as Record<string, unknown>;
    expect([9223372036854775807, "9223372036854775807"]).toContain(big);
    expect(real).toBe(1e300);
  });
});
