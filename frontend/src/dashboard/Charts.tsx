import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import { boards } from "../api/boards";
import type { StatsRow } from "../api/types.gen";
import type { Board } from "../board/useBoard";
import type { ChartSeries } from "../charts/plot";
import { TimeChart } from "../charts/TimeChart";
import { formatCost } from "../format/cost";
import { formatDuration, formatTick } from "../format/duration";
import { formatCount, plural } from "../format/numbers";
import { formatTime } from "../format/time";
import { visible } from "../format/text";
import { behind, within } from "../model/behind";
import { byGroup, timeOf, valuesIn, type Buckets } from "../model/buckets";

const MOST_MODELS = 5;
const NONE: readonly StatsRow[] = [];

interface Props {
  board: Board;
  q: string | undefined;
  buckets: Buckets;
  onRange: (from: number, to: number) => void;
}

const ns = (text: string | null): number | null => (text === null ? null : Number(text));
const duration = (value: number | null): string => (value === null ? "–" : formatDuration(value));
const count = (value: number | null): string => formatCount(value ?? 0);
const money = (value: number | null): string => formatCost(value === null ? null : String(value));

export function Charts({ board, q, buckets, onRange }: Props): ReactNode {
  const navigate = useNavigate();
  const { chosen, bounds } = board;
  const { step } = buckets;
  const traces = useQuery(boards.stats({ ...chosen, over: "traces", step })).data?.rows ?? NONE;
  const calls = useQuery(boards.stats({ ...chosen, over: "calls", step })).data?.rows ?? NONE;
  const models = useQuery(boards.stats({ ...chosen, over: "calls", group: "model", step })).data?.rows ?? NONE;
  const shared = {
    buckets,
    onRange,
    timeLabel: (index: number) => formatTime((buckets.starts[index] ?? 0n).toString()),
    onOpen: (index: number) => {
      const time = timeOf(buckets, index);
      if (!time) return;
      const { since, until } = within(time, bounds);
      void navigate({ to: "/", search: behind(q, since, until) });
    },
  };
  const requests = useMemo(() => requestSeries(buckets, traces), [buckets, traces]);
  const latency = useMemo(() => quantiles(buckets, traces, "duration"), [buckets, traces]);
  const firstToken = useMemo(() => quantiles(buckets, calls, "time_to_first_token"), [buckets, calls]);
  const tokens = useMemo(() => tokenSeries(buckets, traces), [buckets, traces]);
  const cost = useMemo(() => costSeries(buckets, models), [buckets, models]);
  const llm = useMemo(() => callSeries(buckets, calls), [buckets, calls]);
  const streamed = calls.reduce((sum, row) => sum + row.streamed_count, 0);
  const unpriced = models.reduce((sum, row) => sum + row.cost.unpriced_calls, 0);
  return (
    <div className="charts">
      <TimeChart {...shared} testId="chart-requests" title="Requests and errors" shape="stack" series={requests} format={count} tick={countTick} />
      <TimeChart {...shared} testId="chart-latency" title="Latency" shape="lines" series={latency} format={duration} tick={formatTick} />
      <TimeChart
        {...shared}
        testId="chart-first-token"
        title="Time to first token"
        shape="lines"
        series={firstToken}
        format={duration}
        tick={formatTick}
        note={streamed === 0 ? "No call here says when its first token came: only streaming calls do." : `Of ${plural(streamed, "call")} that streamed.`}
      />
      <TimeChart {...shared} testId="chart-tokens" title="Tokens" shape="stack" series={tokens} format={count} tick={countTick} />
      <TimeChart
        {...shared}
        testId="chart-cost"
        title="Cost by model"
        shape="stack"
        series={cost}
        format={money}
        tick={(value) => (value === 0 ? "$0" : formatCost(String(value)))}
        note={costNoteOf(models, unpriced)}
      />
      <TimeChart {...shared} testId="chart-calls" title="LLM calls and failures" shape="stack" series={llm} format={count} tick={countTick} />
    </div>
  );
}

/** What the chart of costs leaves out, and that there is nothing to draw where everything was free. */
function costNoteOf(rows: readonly StatsRow[], unpriced: number): string | undefined {
  const priced = rows.filter((row) => row.cost.total_usd !== null);
  const free = priced.length > 0 && priced.every((row) => usd(row) === 0) ? `$0: ${unpriced > 0 ? "the other calls" : "all calls of this time"} were free.` : "";
  const without = unpriced > 0 ? `${plural(unpriced, "call")} without a known price ${unpriced === 1 ? "is" : "are"} not in it.` : "";
  return [free, without].filter(Boolean).join(" ") || undefined;
}

function countTick(value: number): string {
  if (!Number.isInteger(value)) return "";
  if (value >= 1e6) return `${+(value / 1e6).toFixed(1)} M`;
  return value >= 10_000 ? `${+(value / 1e3).toFixed(1)} k` : formatCount(value);
}

function requestSeries(buckets: Buckets, rows: readonly StatsRow[]): ChartSeries[] {
  return [
    { label: "failed", color: "--error", values: valuesIn(buckets, rows, (row) => row.error_count, 0) },
    { label: "ended well", color: "--chart-1", values: valuesIn(buckets, rows, (row) => row.count - row.error_count, 0) },
  ];
}

function callSeries(buckets: Buckets, rows: readonly StatsRow[]): ChartSeries[] {
  return [
    { label: "failed", color: "--error", values: valuesIn(buckets, rows, (row) => row.error_count, 0) },
    { label: "answered", color: "--chart-1", values: valuesIn(buckets, rows, (row) => row.count - row.error_count, 0) },
  ];
}

/** A bucket in which nothing was measured is a gap: no latency is not a latency of nothing. */
function quantiles(buckets: Buckets, rows: readonly StatsRow[], of: "duration" | "time_to_first_token"): ChartSeries[] {
  const color = { p50: "--chart-2", p95: "--chart-1", p99: "--chart-3" };
  return (["p50", "p95", "p99"] as const).map((name) => ({
    label: name,
    color: color[name],
    values: valuesIn(buckets, rows, (row) => ns(row[`${of}_${name}_ns`]), null),
  }));
}

function tokenSeries(buckets: Buckets, rows: readonly StatsRow[]): ChartSeries[] {
  const of = (label: string, color: string, value: (usage: StatsRow["usage"]) => number): ChartSeries => ({
    label,
    color,
    values: valuesIn(buckets, rows, (row) => Math.max(0, value(row.usage)), 0),
  });
  return [
    of("fresh input", "--chart-1", (u) => (u.input_tokens ?? 0) - (u.cache_read_tokens ?? 0) - (u.cache_write_tokens ?? 0)),
    of("cache read", "--chart-2", (u) => u.cache_read_tokens ?? 0),
    of("cache write", "--chart-5", (u) => u.cache_write_tokens ?? 0),
    of("output", "--chart-4", (u) => (u.output_tokens ?? 0) - (u.reasoning_tokens ?? 0)),
    of("reasoning", "--chart-3", (u) => u.reasoning_tokens ?? 0),
  ];
}

const usd = (row: StatsRow): number => Number(row.cost.total_usd ?? 0);

/** One series for each of the models that cost most, one for the others; a model without any price is not in it. */
function costSeries(buckets: Buckets, rows: readonly StatsRow[]): ChartSeries[] {
  const priced = rows.filter((row) => row.cost.total_usd !== null);
  const { groups, others, otherCount } = byGroup(priced, usd, MOST_MODELS);
  const series = groups.map(([model, own], at) => ({
    label: model === "" ? "no model named" : visible(model),
    color: `--chart-${at + 1}`,
    values: valuesIn(buckets, own, usd, 0),
  }));
  if (otherCount === 0) return series;
  const sums = others.reduce((all, row) => all.set(row.time_unix_nano, (all.get(row.time_unix_nano) ?? 0) + usd(row)), new Map<string | null, number>());
  const rest = [...sums].map(([time_unix_nano, value]) => ({ time_unix_nano, value }));
  return [...series, { label: plural(otherCount, "other"), color: "--chart-6", values: valuesIn(buckets, rest, (row) => row.value, 0) }];
}
