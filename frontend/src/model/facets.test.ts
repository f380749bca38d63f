import { expect, it } from "vitest";
import { facetsOf } from "./facets";

const FOUND = {
  facets: [
    { key: "model", values: [{ value: "m", count: 3 }], more: true },
    { key: "status", values: [{ value: "ok", count: 2 }, { value: "error", count: 1 }], more: false },
    { key: "source", values: [{ value: "otlp", count: 3 }], more: false },
  ],
};

it("keeps our order and leaves out what has nothing to tell", () => {
  expect(facetsOf(FOUND, "").map((facet) => [facet.label, facet.values.length, facet.more])).toEqual([
    ["Status", 2, false],
    ["Model", 1, true],
  ]);
});

it("keeps in sight what is asked for, though nothing has it", () => {
  const [status, model] = facetsOf(FOUND, "status:running model:m -kind:llm source:otlp");
  expect(status?.values.at(-1)).toEqual({ value: "running", count: null });
  expect(model?.values).toHaveLength(1);
  expect(facetsOf(undefined, "user:u7")).toEqual([
    { key: "user", label: "User", values: [{ value: "u7", count: null }], more: false },
  ]);
});
