import { expect, test } from "vitest";
import { hasTerm, termsOf, toggleTerm, withoutTerm } from "./filter";

test("a filter is words and pairs, negated or quoted", () => {
  expect(termsOf('albums -status:error model:"gpt 4" attr.http.route:/ask')).toEqual([
    { text: "albums", negated: false, key: null, value: "albums" },
    { text: "-status:error", negated: true, key: "status", value: "error" },
    { text: 'model:"gpt 4"', negated: false, key: "model", value: "gpt 4" },
    { text: "attr.http.route:/ask", negated: false, key: "attr.http.route", value: "/ask" },
  ]);
});

test("a facet is added, exchanged and taken away, and leaves the words alone", () => {
  const one = toggleTerm("albums", "status", "error");
  expect(one).toBe("albums status:error");
  const other = toggleTerm(one, "status", "ok");
  expect(other).toBe("albums status:ok");
  expect(toggleTerm(other, "status", "ok")).toBe("albums");
});

test("values with spaces or quotes survive the way there and back", () => {
  for (const value of ["my service", 'a"b', "back\\slash", "x:y"]) {
    const query = toggleTerm("", "service", value);
    expect(hasTerm(query, "service", value)).toBe(true);
    expect(toggleTerm(query, "service", value)).toBe("");
  }
});

test("a half-typed filter is read as far as it goes", () => {
  expect(termsOf('status: "open')).toMatchObject([{ text: "status:" }, { text: '"open' }]);
  expect(termsOf("-")).toMatchObject([{ negated: false, value: "-" }]);
  expect(withoutTerm("a b a", "a")).toBe("b a");
});
