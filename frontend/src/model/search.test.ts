import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./search";

test("an id of digits, or one that looks like a number, stays text", () => {
  for (const span of ["0000000000000012", "1e10000000000000", "true", "null"]) {
    expect(parseSearch(stringifySearch({ span }))).toEqual({ span });
  }
});

test("what is empty or not set is not in the address", () => {
  expect(stringifySearch({ q: "", since: undefined, sel: null })).toBe("");
  expect(stringifySearch({ q: 'status:error "a b"&c' })).toBe("?q=status%3Aerror+%22a+b%22%26c");
});
