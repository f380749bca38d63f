import { expect, it } from "vitest";
import { facetsOf } from "./facets";
import { trace } from "./testing";

it("counts a trace whose status was left unset among those that are ok, as the filter does", () => {
  const traces = [trace("a", "1", { status: "unset" }), trace("b", "2", { status: "ok" }), trace("c", "3", { status: "error" })];
  const status = facetsOf(traces).find((facet) => facet.key === "status");
  expect(status?.values).toEqual([
    { value: "ok", count: 2 },
    { value: "error", count: 1 },
  ]);
});
