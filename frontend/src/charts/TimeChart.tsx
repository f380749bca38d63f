import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Buckets } from "../model/buckets";
import { middles, stacked } from "../model/buckets";
import { useTheme } from "../ui/theme";
import { useWidth } from "../ui/useWidth";
import { ChartTable } from "./ChartTable";
import { pointAt, pointedAt, usePointed } from "./crosshair";
import { columns, options, type ChartSeries, type Shape } from "./plot";

const HEIGHT = 148;

interface Props {
  title: string;
  /** What is said of the whole range, beside the title. */
  summary?: ReactNode;
  note?: ReactNode;
  buckets: Buckets;
  shape: Shape;
  series: readonly ChartSeries[];
  format: (value: number | null) => string;
  tick: (value: number) => string;
  /** `12:04:00` of a bucket. */
  timeLabel: (index: number) => string;
  onOpen: (index: number) => void;
  onRange: (from: number, to: number) => void;
  testId: string;
}

/** One chart: drag selects a time, a click leads to the traces behind a point; keys and a table do the same. */
export function TimeChart(props: Props): ReactNode {
  const { title, buckets, series, format, timeLabel, onOpen } = props;
  const [asTable, setAsTable] = useState(false);
  const pointed = usePointed();
  const last = buckets.starts.length - 1;
  const at = pointed === null ? null : Math.min(pointed, last);
  const empty = series.every((one) => one.values.every((value) => !value));
  const values = (index: number): string => series.map((one) => `${one.label} ${format(one.values[index] ?? null)}`).join(", ");
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moved(event.key, at, last);
    if (event.key === "Enter" && at !== null) onOpen(at);
    else if (next !== undefined) pointAt(next);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <figure className="chart" data-testid={props.testId} aria-label={title}>
      <figcaption>
        <h2>{title}</h2>
        <span className="chart-summary">{props.summary}</span>
        <button type="button" className="button-quiet" aria-pressed={asTable} title="The same as a table" onClick={() => setAsTable(!asTable)}>
          table
        </button>
      </figcaption>
      <ul className="chart-legend" aria-hidden="true">
        {at !== null && <li className="muted">{timeLabel(at)}</li>}
        {series.map((one) => (
          <li key={one.label}>
            <span className="chart-mark" style={{ background: `var(${one.color})` }} />
            <span className="cut">{one.label}</span>
            {at !== null && <b>{format(one.values[at] ?? null)}</b>}
          </li>
        ))}
      </ul>
      {empty ? (
        <p className="chart-empty muted">{props.note ?? "Nothing in this time."}</p>
      ) : asTable ? (
        <ChartTable title={title} buckets={buckets} series={series} format={format} timeLabel={timeLabel} onOpen={onOpen} />
      ) : (
        <div
          className="chart-plot"
          tabIndex={0}
          role="slider"
          aria-label={`${title}: left and right move, enter shows the traces`}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={Math.max(0, last)}
          aria-valuenow={at ?? 0}
          aria-valuetext={at === null ? "no point chosen" : `${timeLabel(at)}: ${values(at)}`}
          onKeyDown={onKeyDown}
        >
          <Plot {...props} />
        </div>
      )}
      {props.note && !empty && <p className="chart-note muted">{props.note}</p>}
    </figure>
  );
}

function moved(key: string, at: number | null, last: number): number | null | undefined {
  if (key === "ArrowRight") return at === null ? 0 : Math.min(last, at + 1);
  if (key === "ArrowLeft") return at === null ? last : Math.max(0, at - 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  return key === "Escape" && at !== null ? null : undefined;
}

function Plot({ buckets, shape, series, tick, onOpen, onRange }: Props): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const width = useWidth(host);
  const theme = useTheme();
  const times = useMemo(() => middles(buckets), [buckets]);
  const drawn = useMemo(() => (shape === "stack" ? onTop(series) : [...series]), [shape, series]);
  const act = useRef({ onOpen, onRange, tick });
  useEffect(() => {
    act.current = { onOpen, onRange, tick };
  });
  useEffect(() => {
    if (!host.current || width === 0) return undefined;
    const made = new uPlot(
      options({
        width,
        height: HEIGHT,
        times,
        step: buckets.step,
        from: Number(buckets.from / 1_000_000n) / 1000,
        to: Number(buckets.to / 1_000_000n) / 1000,
        shape,
        series: drawn,
        tick: (value) => act.current.tick(value),
        onCursor: pointAt,
        onSelect: (from, to) => act.current.onRange(from, to),
      }),
      columns(times, drawn.map((one) => one.values)),
      host.current,
    );
    plot.current = made;
    showPoint(made, times, pointedAt()); // new data draw a new plot, and who has chosen a point keeps it
    const stop = onClick(made, () => {
      const index = made.cursor.idx;
      if (index !== null && index !== undefined) act.current.onOpen(index);
    });
    return () => {
      stop();
      made.destroy();
      plot.current = null;
    };
  }, [buckets, drawn, shape, times, width, theme]);
  useKeyboardCrosshair(plot, times);
  useEffect(() => () => pointAt(null), []);
  return <div ref={host} className="chart-canvas" aria-hidden="true" />;
}

/** The sums, the highest first: each bar covers the part of the one behind it that is its own. */
function onTop(series: readonly ChartSeries[]): ChartSeries[] {
  const sums = stacked(series.map((one) => one.values));
  return series.map((one, at) => ({ ...one, values: sums[at] ?? [] })).reverse();
}

/** Keys move the crosshair of a chart where the pointer is not over any. */
function useKeyboardCrosshair(plot: { current: uPlot | null }, times: readonly number[]): void {
  const pointed = usePointed();
  useEffect(() => {
    const made = plot.current;
    if (made) showPoint(made, times, pointed);
  }, [plot, pointed, times]);
}

function showPoint(plot: uPlot, times: readonly number[], pointed: number | null): void {
  if (pointed === null || plot.cursor.idx === pointed) return;
  const time = times[Math.min(pointed, times.length - 1)];
  if (time !== undefined) plot.setCursor({ left: plot.valToPos(time, "x"), top: 0 }, false);
}

/** A press that did not become a drag. */
function onClick(plot: uPlot, act: () => void): () => void {
  let down: number | null = null;
  const press = (event: PointerEvent): void => {
    down = event.button === 0 ? event.clientX : null;
  };
  const release = (event: MouseEvent): void => {
    if (down !== null && Math.abs(event.clientX - down) < 5) act();
    down = null;
  };
  plot.over.addEventListener("pointerdown", press);
  plot.over.addEventListener("click", release);
  return () => {
    plot.over.removeEventListener("pointerdown", press);
    plot.over.removeEventListener("click", release);
  };
}
