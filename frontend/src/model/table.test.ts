import { describe, expect, test } from "vitest";
import { tableIn } from "./table";

describe("rows are found", () => {
  test("in columns and rows, as an object or as JSON text", () => {
    const result = { columns: ["Title", "sold"], rows: [["Minha Historia", 27]] };
    const table = { columns: ["Title", "sold"], rows: [["Minha Historia", 27]], truncated: false };
    expect(tableIn(result)).toEqual(table);
    expect(tableIn(JSON.stringify(result))).toEqual(table);
    expect(tableIn({ ...result, truncated: true })?.truncated).toBe(true);
  });

  test("in a list of objects with different keys", () => {
    expect(tableIn([{ a: 1 }, { b: 2, a: 3 }])).toMatchObject({
      columns: ["a", "b"],
      rows: [
        [1, undefined],
        [3, 2],
      ],
    });
  });

  test("in a list of lists, with as many columns as the longest", () => {
    expect(tableIn([[1], [2, 3]])?.columns).toEqual(["1", "2"]);
  });

  test("where there are none but the columns are known", () => {
    expect(tableIn({ columns: ["a"], rows: [] })).toEqual({ columns: ["a"], rows: [], truncated: false });
  });
});

test("other values are no table", () => {
  for (const value of [null, "text", "[broken", 7, [], [1, 2], [[1], { a: 1 }], { rows: "x" }, { answer: "8" }]) {
    expect(tableIn(value)).toBeNull();
  }
});
