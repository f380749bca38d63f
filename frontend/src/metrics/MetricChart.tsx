import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState, type ReactNode } from "react";
import type { MetricOverTime } from "../api/types.gen";
import { visible } from "../format/text";
import { formatExactTime } from "../format/time";
import { formatUnit } from "../format/units";
import { dotsOf, gapOf, linesOf, pathOf, planeOf, ticksOf, type Line } from "../model/metrics";
import { useWidth } from "../ui/useWidth";

const HEIGHT = 300;
const LEFT = 76;
const BOTTOM = 24;
const TOP = 8;
const RIGHT = 12;
const MOST_LEGEND = 24;

/** Lines over time with a crosshair; a dot is an exemplar and leads to its trace. */
export function MetricChart({ metric }: { metric: MetricOverTime }): ReactNode {
  const navigate = useNavigate();
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const [at, setAt] = useState<number | null>(null);
  const lines = useMemo(() => linesOf(metric), [metric]);
  const dots = useMemo(() => dotsOf(metric), [metric]);
  const plane = useMemo(() => planeOf(metric, lines, dots), [metric, lines, dots]);
  const rate = metric.measure === "rate";
  const say = (value: number | null): string => formatUnit(value, metric.unit, rate);
  const x = (time: number): number => LEFT + ((time - plane.from) / (plane.to - plane.from)) * (width - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - plane.low) / (plane.high - plane.low)) * (HEIGHT - BOTTOM - TOP);
  const step = Number(BigInt(metric.step_ns) / 1_000_000n);
  const gap = gapOf(lines, step);
  const pointed = at === null ? null : plane.from + ((at - LEFT) / (width - LEFT - RIGHT)) * (plane.to - plane.from);
  return (
    <figure className="metric-chart">
      <div ref={host} className="metric-plot">
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`${metric.name} over time; the table has the same`}
            data-testid="metric-chart"
            onPointerMove={(event) => {
              const place = event.clientX - event.currentTarget.getBoundingClientRect().left;
              setAt(place >= LEFT && place <= width - RIGHT ? place : null);
            }}
            onPointerLeave={() => setAt(null)}
          >
            {ticksOf(plane.low, plane.high, 5).map((tick) => (
              <g key={tick}>
                <line className="chart-grid" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
                <text className="chart-label" x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
                  {say(tick)}
                </text>
              </g>
            ))}
            {timesOf(plane.from, plane.to, Math.max(2, Math.floor(width / 130))).map((time) => (
              <text key={time} className="chart-label" x={x(time)} y={HEIGHT - 6} textAnchor="middle">
                {clock(time, plane.to - plane.from)}
              </text>
            ))}
            {lines.map((one, place) => (
              <g key={place} className={`line-${one.color}`}>
                <path className="chart-line" data-dashed={one.dashed} d={pathOf(one.points, gap, x, y)} />
                {one.points.length < 40 && one.points.map((point) => <circle key={point.time} className="chart-point" cx={x(point.time)} cy={y(point.value)} r={1.8} />)}
              </g>
            ))}
            {at !== null && <line className="chart-cross" x1={at} x2={at} y1={TOP} y2={HEIGHT - BOTTOM} />}
            {dots.map(({ exemplar, time, value }) => (
              <circle
                key={`${exemplar.trace_id}${exemplar.span_id}${exemplar.time_unix_nano}`}
                className="exemplar"
                data-testid="exemplar"
                cx={x(time)}
                cy={y(value)}
                r={4}
                onClick={() => void navigate({ to: "/traces/$traceId", params: { traceId: exemplar.trace_id }, search: exemplar.span_id ? { span: exemplar.span_id } : {} })}
              >
                <title>{`${formatUnit(exemplar.value, metric.unit)} at ${formatExactTime(exemplar.time_unix_nano).slice(11, 23)}: to the trace ${exemplar.trace_id.slice(0, 8)}`}</title>
              </circle>
            ))}
          </svg>
        )}
      </div>
      <figcaption>
        <p className="mono muted">{pointed === null ? " " : formatExactTime(`${Math.round(pointed)}000000`).slice(0, 19)}</p>
        <ul className="metric-legend">
          {lines.slice(0, MOST_LEGEND).map((one, place) => (
            <li key={place} className={`line-${one.color}`}>
              <span className="legend-mark" aria-hidden="true" />
              <span className="cut" title={visible(one.name)}>
                {visible(one.name)}
              </span>
              <b>{say(valueAt(one, pointed, gap))}</b>
            </li>
          ))}
          {lines.length > MOST_LEGEND && <li className="muted">and {lines.length - MOST_LEGEND} more</li>}
        </ul>
      </figcaption>
    </figure>
  );
}

/** The value nearest to a time; without one the last. */
function valueAt(line: Line, time: number | null, gap: number): number | null {
  if (time === null) return line.points.at(-1)?.value ?? null;
  let best: { time: number; value: number } | undefined;
  for (const point of line.points) if (!best || Math.abs(point.time - time) < Math.abs(best.time - time)) best = point;
  return best && Math.abs(best.time - time) <= gap ? best.value : null;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map((s) => s * 1000);

/** Times of the reader's own clock that are round. */
function timesOf(from: number, to: number, count: number): number[] {
  const step = STEPS.find((one) => (to - from) / one <= count) ?? to - from;
  const shift = new Date(from).getTimezoneOffset() * 60_000;
  const times: number[] = [];
  for (let time = Math.ceil((from - shift) / step) * step + shift; time <= to && times.length < 60; time += step) times.push(time);
  return times;
}

function clock(time: number, length: number): string {
  const exact = formatExactTime(`${time}000000`);
  if (length > 2 * 86_400_000) return exact.slice(5, 10);
  return length < 600_000 ? exact.slice(11, 19) : exact.slice(11, 16);
}

