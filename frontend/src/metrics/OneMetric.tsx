import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { exchange } from "../api/exchange";
import type { MetricOverTime } from "../api/types.gen";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { formatExactTime } from "../format/time";
import { formatUnit } from "../format/units";
import { Choice } from "../ui/Choice";
import type { MetricsSearch } from "../model/address";
import { dotsOf, labelText, linesOf } from "../model/metrics";
import { ExportMenu } from "../ui/ExportMenu";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { MetricChart } from "./MetricChart";
import { MetricTime } from "./MetricTime";
import { useMetricRange } from "./useMetricRange";

interface Props {
  name: string;
  search: MetricsSearch;
  onChange: (part: MetricsSearch, replace?: boolean) => void;
}

const ONE_LINE = "-";

export function OneMetric({ name, search, onChange }: Props): ReactNode {
  const { service, type, label, view } = search;
  const range = useMetricRange(search);
  const group = search.group === ONE_LINE ? "" : search.group;
  const found = useQuery({
    queryKey: ["metric", name, service, type, range.since, range.until, search.group, label],
    queryFn: ({ signal }) => exchange.series({ name, service, type, since: range.since, until: range.until, group: search.group, label }, signal),
    placeholderData: keepPreviousData,
  });
  const metric = found.data;
  return (
    <div className="metrics-page">
      <header className="bar">
        <Link to="/metrics-explorer" search={{ since: search.since, until: search.until }} className="button-quiet" aria-label="All metrics" title="All metrics (esc)">
          <Icon name="back" />
        </Link>
        <h1 className="cut metric-title">{visible(name)}</h1>
        <span className="bar-space" />
        {metric && <Labels metric={metric} group={search.group} label={label} onChange={onChange} />}
        <div className="segments" role="group" aria-label="Shown as">
          <button type="button" aria-pressed={!view} onClick={() => onChange({ view: undefined })}>
            Chart
          </button>
          <button type="button" aria-pressed={view === "table"} onClick={() => onChange({ view: "table" })}>
            Table
          </button>
        </div>
        <MetricTime search={search} onChange={onChange} />
        <ExportMenu path="/metrics/export" params={() => ({ name, service, since: range.since, until: search.until })} />
      </header>
      <div className="metrics-scroll metric-body" aria-busy={found.isPlaceholderData} data-group={group}>
        {found.error && !metric && <Failure error={found.error} onRetry={() => void found.refetch()} />}
        {!found.error && !metric && <Skeleton rows={8} tall />}
        {metric && (
          <>
            <About metric={metric} service={service} />
            {metric.series.length === 0 ? (
              <div className="blank">
                <h2>No data points in this time</h2>
                {label && (
                  <button type="button" className="button" onClick={() => onChange({ label: undefined })}>
                    Without {visible(label)}
                  </button>
                )}
              </div>
            ) : view === "table" ? (
              <SeriesTable metric={metric} />
            ) : (
              <MetricChart metric={metric} />
            )}
            <Exemplars metric={metric} />
          </>
        )}
      </div>
    </div>
  );
}

function About({ metric, service }: { metric: MetricOverTime; service: string | undefined }): ReactNode {
  const kind = [metric.type.replace("_", " "), metric.temporality === "unspecified" ? "" : metric.temporality, metric.type === "sum" && !metric.is_monotonic ? "goes up and down" : ""];
  return (
    <p className="metric-facts muted">
      {metric.description && <span className="metric-said">{visible(metric.description)}</span>}
      <span>{kind.filter(Boolean).join(", ")}</span>
      {metric.unit && <span>unit {visible(metric.unit)}</span>}
      {service && <span>{visible(service)}</span>}
      <span>{SHOWN[metric.measure]}</span>
      {metric.series_total > metric.series.length && (
        <span className="status-warning">
          {formatCount(metric.series.length)} largest of {plural(metric.series_total, "series", "series")}
        </span>
      )}
      {metric.is_cut && <span className="status-warning">Too many data points: the oldest are missing. Choose a shorter time.</span>}
    </p>
  );
}

const SHOWN = { value: "as it was", rate: "added by second", distribution: "quantiles, estimated from buckets" } as const;

function Labels({ metric, group, label, onChange }: { metric: MetricOverTime; group: string | undefined; label: string | undefined; onChange: Props["onChange"] }): ReactNode {
  const names = Object.keys(metric.labels);
  if (names.length === 0) return null;
  const values = names.flatMap((name) => (metric.labels[name] ?? []).map((value) => `${name}=${value}`));
  const listed = label && !values.includes(label) ? [label, ...values] : values;
  return (
    <>
      <Choice
        label="Lines by"
        value={group ?? ""}
        choices={[["", "By all labels"], [ONE_LINE, "One line"], ...names.map((name) => [name, `By ${name}`] as const)]}
        onChoose={(value) => onChange({ group: value || undefined }, false)}
      />
      <Choice
        label="Only where"
        value={label ?? ""}
        choices={[["", "Every label"], ...listed.slice(0, 500).map((one) => [one, visible(one.slice(0, 80))] as const)]}
        onChoose={(value) => onChange({ label: value || undefined }, false)}
      />
    </>
  );
}

const MOST_ROWS = 1000;

function SeriesTable({ metric }: { metric: MetricOverTime }): ReactNode {
  const rate = metric.measure === "rate";
  const distribution = metric.measure === "distribution";
  const say = (value: number | null): string => formatUnit(value, metric.unit, rate);
  const rows = metric.series.flatMap((one) => one.points.map((point) => ({ labels: labelText(one.labels), point }))).reverse();
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="Values">
      <table data-testid="metric-values">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Labels</th>
            <th scope="col" className="number">{distribution ? "Mean" : rate ? "By second" : "Value"}</th>
            {distribution && (
              <>
                <th scope="col" className="number">Count</th>
                <th scope="col" className="number">p50</th>
                <th scope="col" className="number">p95</th>
                <th scope="col" className="number">p99</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map(({ labels, point }, at) => (
            <tr key={at}>
              <td className="mono">{formatExactTime(point.time_unix_nano).slice(0, 19)}</td>
              <td>{visible(labels)}</td>
              <td className="number">{say(point.value)}</td>
              {distribution && (
                <>
                  <td className="number">{point.count === null ? "–" : formatCount(point.count)}</td>
                  <td className="number">{say(point.p50)}</td>
                  <td className="number">{say(point.p95)}</td>
                  <td className="number">{say(point.p99)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && <p className="muted">The newest {formatCount(MOST_ROWS)} of {formatCount(rows.length)} values.</p>}
    </div>
  );
}

/** The measurements that name a trace, the greatest first: where to look when a line is high. */
function Exemplars({ metric }: { metric: MetricOverTime }): ReactNode {
  const dots = dotsOf(metric);
  if (metric.exemplars.length === 0) return <p className="muted">No exemplars came with these points: the sender keeps none, or measured outside of traces.</p>;
  const top = [...dots].sort((a, b) => (b.exemplar.value ?? 0) - (a.exemplar.value ?? 0)).slice(0, 20);
  return (
    <section>
      <h2>Exemplars</h2>
      <table className="exemplars" data-testid="exemplars">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" className="number">Value</th>
            <th scope="col">Labels</th>
            <th scope="col">Trace</th>
          </tr>
        </thead>
        <tbody>
          {top.map(({ exemplar }) => (
            <tr key={`${exemplar.trace_id}${exemplar.span_id}${exemplar.time_unix_nano}`}>
              <td className="mono">{formatExactTime(exemplar.time_unix_nano).slice(0, 23)}</td>
              <td className="number">{formatUnit(exemplar.value, metric.unit)}</td>
              <td className="muted">{visible(labelText(exemplar.labels).slice(0, 200))}</td>
              <td>
                <Link to="/traces/$traceId" params={{ traceId: exemplar.trace_id }} search={exemplar.span_id ? { span: exemplar.span_id } : {}} className="mono">
                  {exemplar.trace_id.slice(0, 8)}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {metric.series.length > 0 && linesOf(metric).length > 0 && dots.length > top.length && <p className="muted">The {top.length} greatest of {formatCount(dots.length)}; all are dots in the chart.</p>}
    </section>
  );
}
