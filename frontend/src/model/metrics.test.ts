import { describe, expect, it } from "vitest";
import type { MetricOverTime, MetricSeries, MetricSummary } from "../api/types.gen";
import { dotsOf, gapOf, linesOf, pathOf, planeOf, searchMetrics, sparkPath, ticksOf } from "./metrics";

const point = (at: number, value: number | null, p95: number | null = null) => ({ time_unix_nano: `${at}000000`, value, count: null, p50: p95, p95, p99: p95 });
const series = (labels: Record<string, string>, ...values: (number | null)[]): MetricSeries => ({ labels, points: values.map((value, at) => point(at * 1000, value)) });

function over(part: Partial<MetricOverTime>): MetricOverTime {
  return {
    name: "m", service: null, type: "gauge", unit: "1", description: "", temporality: "unspecified", is_monotonic: false, measure: "value",
    since_unix_nano: "0", until_unix_nano: "10000000000", step_ns: "1000000000", series: [], series_total: 0, labels: {}, exemplars: [], is_cut: false,
    ...part,
  };
}

describe("lines", () => {
  it("are one a series, without what has no value", () => {
    const found = linesOf(over({ series: [series({ a: "1" }, 1, null, 3), series({ a: "2" }, 5)] }));
    expect(found.map((one) => [one.name, one.points.length])).toEqual([["a=1", 2], ["a=2", 1]]);
  });
  it("are the quantiles of a lone distribution, the 95th of many", () => {
    const one = { labels: {}, points: [point(0, 2, 9)] };
    expect(linesOf(over({ measure: "distribution", series: [one] })).map((line) => line.name)).toEqual(["p50", "p95", "p99", "mean"]);
    expect(linesOf(over({ measure: "distribution", series: [one, one] })).map((line) => line.points[0]?.value)).toEqual([9, 9]);
  });
});

it("exemplars of counters stand on the axis", () => {
  const exemplars = [{ time_unix_nano: "1000000", value: 5, trace_id: "a", span_id: "b", labels: {} }];
  expect(dotsOf(over({ measure: "rate", exemplars }))[0]?.value).toBe(0);
  expect(dotsOf(over({ measure: "distribution", exemplars }))[0]?.value).toBe(5);
});

it("the plane holds zero but for values far from it and close together", () => {
  const plane = (...values: number[]) => planeOf(over({}), linesOf(over({ series: [series({}, ...values)] })), []);
  expect(plane(3, 5).low).toBe(0);
  expect(plane(1000, 1001).low).toBe(1000);
  expect(plane(-2, 5).low).toBe(-2);
  expect(plane(0, 0)).toMatchObject({ low: 0, high: 1 });
  expect(plane()).toMatchObject({ low: 0, high: 1.06 });
});

it("a long pause is a gap", () => {
  const points = [0, 1, 2, 9].map((time) => ({ time, value: 1 }));
  expect(pathOf(points, 3, (x) => x, (y) => y)).toBe("M0.0 1.0L1.0 1.0L2.0 1.0M9.0 1.0");
  expect(gapOf(linesOf(over({ series: [series({}, 1, 2, 3)] })), 500)).toBe(3000);
});

it("ticks are round", () => {
  expect(ticksOf(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticksOf(0, 0, 5)).toEqual([]);
  expect(ticksOf(990, 1010, 4)).toEqual([990, 995, 1000, 1005, 1010]);
});

it("metrics are found by every word", () => {
  const summary = { name: "http.server.duration", service: "qa", unit: "s", type: "histogram", description: "How long" } as MetricSummary;
  expect(searchMetrics([summary], "DURATION qa")).toHaveLength(1);
  expect(searchMetrics([summary], "duration shop")).toHaveLength(0);
});

it("a spark has gaps, and a short line for a point alone", () => {
  expect(sparkPath([0, 10, null, null, null, null, 5], 60, 10)).toBe("M0.0 10.0L10.0 0.0M60.0 5.0h1.5");
  expect(sparkPath([null], 60, 10)).toBe("");
});
