/** uPlot's options for the charts of a board: one time axis, one crosshair, colours from the style sheet. */
import { dayAndMonth } from "../format/time";
import uPlot from "uplot";

export interface ChartSeries {
  label: string;
  /** A CSS variable. */
  color: string;
  values: readonly (number | null)[];
}

export type Shape = "lines" | "stack";

export interface PlotInput {
  width: number;
  height: number;
  /** The middle of each bucket, seconds. */
  times: readonly number[];
  /** Seconds of a bucket. */
  step: number;
  from: number;
  to: number;
  shape: Shape;
  series: readonly ChartSeries[];
  tick: (value: number) => string;
  onCursor: (index: number | null) => void;
  onSelect: (from: number, to: number) => void;
}

const AXIS_FONT = "11px system-ui, sans-serif";
const LEAST_DRAG_PX = 6;

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Charts with this key share their crosshair. */
export const SYNC = uPlot.sync("board");

export function options(input: PlotInput): uPlot.Options {
  let before: number | null = null;
  const line = css("--line");
  const muted = css("--muted");
  const half = input.step / 2;
  return {
    width: input.width,
    height: input.height,
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: SYNC.key, setSeries: false },
      y: false,
      points: { show: input.shape === "lines", size: 6 },
      drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
    },
    scales: {
      x: { time: true, range: () => [Math.min(input.from, (input.times[0] ?? input.from) - half), Math.max(input.to, (input.times.at(-1) ?? input.to) + half)] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { stroke: muted, font: AXIS_FONT, grid: { show: false }, ticks: { stroke: line, width: 1, size: 4 }, size: 26, space: 70, values: timeTicks },
      {
        stroke: muted,
        font: AXIS_FONT,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        size: 58,
        space: 32,
        values: (_, splits) => splits.map((value) => input.tick(value)),
      },
    ],
    series: [{}, ...input.series.map((one) => (input.shape === "stack" ? bar(one) : lineOf(one)))],
    hooks: {
      setCursor: [
        (plot) => {
          const index = plot.cursor.left !== undefined && plot.cursor.left >= 0 ? (plot.cursor.idx ?? null) : null;
          if (index !== before) input.onCursor(index); // a new plot says at once that nothing is pointed at
          before = index;
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < LEAST_DRAG_PX) return;
          const from = plot.posToVal(left, "x");
          const to = plot.posToVal(left + width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          input.onSelect(from, to);
        },
      ],
    },
  };
}

function lineOf(one: ChartSeries): uPlot.Series {
  const stroke = css(one.color);
  // A single bucket between gaps has no line: its point is drawn.
  const points: uPlot.Series.Points = { show: true, size: 5, fill: stroke, filter: (plot, at) => alone(plot.data[at] ?? []) };
  return { label: one.label, stroke, width: 1.6, spanGaps: false, points };
}

/** The places of values without a neighbour. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  const list = Array.from(values);
  const has = (at: number): boolean => list[at] !== null && list[at] !== undefined;
  return list.flatMap((_, at) => (has(at) && !has(at - 1) && !has(at + 1) ? [at] : []));
}

function bar(one: ChartSeries): uPlot.Series {
  const color = css(one.color);
  return { label: one.label, stroke: color, fill: color, width: 0, points: { show: false }, paths: uPlot.paths.bars?.({ size: [0.86, 48], align: 0 }) as uPlot.Series.PathBuilder };
}

const DAY = 86_400;

/** Clock times within a day, days beyond it; 24 hours as everywhere in the UI. */
function timeTicks(_: uPlot, splits: number[]): string[] {
  const apart = (splits[1] ?? 0) - (splits[0] ?? 0);
  let lastDay = "";
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const day = dayAndMonth(date);
    if (apart >= 28 * DAY) return `${date.toLocaleString("en-GB", { month: "short" })} ${date.getFullYear()}`;
    if (apart >= DAY) return day;
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}${apart < 60 ? `:${two(date.getSeconds())}` : ""}`;
    const first = day !== lastDay && lastDay !== "";
    lastDay = day;
    return first ? day : clock;
  });
}

/** Columns for uPlot: bars are drawn from the highest sum to the lowest, so that each covers the one behind it. */
export function columns(times: readonly number[], series: readonly (readonly (number | null)[])[]): uPlot.AlignedData {
  return [times as number[], ...series.map((values) => values as (number | null)[])] as uPlot.AlignedData;
}
