/** One metric over time as lines on a plane; and a list of metrics, searched. */
import type { Exemplar, MetricOverTime, MetricPoint, MetricSummary } from "../api/types.gen";

export interface Line {
  name: string;
  /** Which colour; lines of one series have the same. */
  color: number;
  dashed: boolean;
  points: { time: number; value: number }[];
}

export interface Plane {
  from: number;
  to: number;
  low: number;
  high: number;
}

export interface Dot {
  time: number;
  value: number;
  exemplar: Exemplar;
}

export const COLORS = 8;
const MS = 1_000_000n;

export function millis(ns: string): number {
  return Number(BigInt(ns) / MS);
}

export function labelText(labels: Record<string, string>): string {
  const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return text.join(", ") || "all";
}

/** The lines of a metric: one a series; of a distribution of one series its quantiles, of many their 95th. */
export function linesOf(metric: MetricOverTime): Line[] {
  const { series, measure } = metric;
  if (measure !== "distribution") {
    return series.map((one, at) => line(labelText(one.labels), at, false, one.points, (point) => point.value));
  }
  const quantiled = series.filter((one) => one.points.some((point) => point.p95 !== null));
  const [only] = series;
  if (series.length === 1 && only) {
    const of = (name: string, color: number, read: (point: MetricPoint) => number | null, dashed = false) => line(name, color, dashed, only.points, read);
    if (quantiled.length === 0) return [of("mean", 0, (point) => point.value)];
    return [of("p50", 0, (p) => p.p50), of("p95", 1, (p) => p.p95), of("p99", 2, (p) => p.p99), of("mean", 3, (p) => p.value, true)];
  }
  return series.map((one, at) => line(labelText(one.labels), at, false, one.points, (point) => point.p95 ?? point.value));
}

function line(name: string, color: number, dashed: boolean, points: readonly MetricPoint[], read: (point: MetricPoint) => number | null): Line {
  const found = points.map((point) => ({ time: millis(point.time_unix_nano), value: read(point) }));
  return { name, color: color % COLORS, dashed, points: found.filter((point): point is { time: number; value: number } => point.value !== null) };
}

/** What of an exemplar can be drawn: those of counters have the height of nothing, so they stand on the axis. */
export function dotsOf(metric: MetricOverTime): Dot[] {
  const onAxis = metric.measure === "rate";
  return metric.exemplars
    .filter((one) => onAxis || one.value !== null)
    .map((exemplar) => ({ time: millis(exemplar.time_unix_nano), value: onAxis ? 0 : (exemplar.value ?? 0), exemplar }));
}

/** The part of the plane that everything is in; it holds zero unless the values lie far from it and close together. */
export function planeOf(metric: MetricOverTime, lines: readonly Line[], dots: readonly Dot[]): Plane {
  const values = [...lines.flatMap((one) => one.points.map((point) => point.value)), ...dots.map((dot) => dot.value)];
  let low = Math.min(...values, Infinity);
  let high = Math.max(...values, -Infinity);
  if (values.length === 0) [low, high] = [0, 1];
  const spread = high - low;
  if (low > 0 && (metric.measure !== "value" || low < spread * 4)) low = 0;
  if (high === low) high = low === 0 ? 1 : low + Math.abs(low) * 0.1;
  else high += (high - low) * 0.06;
  return { from: millis(metric.since_unix_nano), to: millis(metric.until_unix_nano), low, high };
}

/** An SVG path; a gap of more than `most` milliseconds is one. */
export function pathOf(points: readonly { time: number; value: number }[], most: number, x: (time: number) => number, y: (value: number) => number): string {
  let path = "";
  let before: number | null = null;
  for (const { time, value } of points) {
    path += `${before === null || time - before > most ? "M" : "L"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    before = time;
  }
  return path;
}

/** The longest pause between two points that is no gap: what most points are apart, thrice. */
export function gapOf(lines: readonly Line[], stepMs: number): number {
  const apart = lines.flatMap((one) => one.points.slice(1).map((point, at) => point.time - (one.points[at]?.time ?? point.time)));
  apart.sort((a, b) => a - b);
  return 3 * Math.max(stepMs, apart[Math.floor(apart.length / 2)] ?? 0);
}

/** Round values for the axis: about `count` of them. */
export function ticksOf(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high && ticks.length < 50; at += 1) ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

/** The metrics that have every word in their name, service, unit or description. */
export function searchMetrics(metrics: readonly MetricSummary[], q: string): MetricSummary[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return metrics.filter((one) => {
    const text = `${one.name} ${one.service} ${one.unit} ${one.type} ${one.description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A spark as an SVG path within a width and a height; parts without values are gaps. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return "";
  const low = Math.min(0, ...known);
  const high = Math.max(...known);
  const y = (value: number): number => (high === low ? height / 2 : height - ((value - low) / (high - low)) * height);
  const points = values.flatMap((value, at) => (value === null ? [] : [{ time: at, value }]));
  const path = pathOf(points, 3, (at) => (at / Math.max(1, values.length - 1)) * width, y);
  // A point alone has no line: a short one is drawn.
  return path.replace(/M([\d.-]+) ([\d.-]+)(?=M|$)/g, "M$1 $2h1.5");
}
