import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, type ReactNode } from "react";
import { exchange } from "../api/exchange";
import type { MetricSummary } from "../api/types.gen";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import type { MetricsSearch } from "../model/address";
import { searchMetrics, sparkPath } from "../model/metrics";
import { Code } from "../ui/Code";
import { ExportMenu } from "../ui/ExportMenu";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { MetricTime } from "./MetricTime";
import { useMetricRange } from "./useMetricRange";

const REFRESH_MS = 15_000;
const SPARK = { width: 120, height: 22 };
const SNIPPET = `export OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin}
export OTEL_METRIC_EXPORT_INTERVAL=5000`;

interface Props {
  search: MetricsSearch;
  onChange: (part: MetricsSearch, replace?: boolean) => void;
}

export function MetricList({ search, onChange }: Props): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const range = useMetricRange(search);
  const found = useQuery({ queryKey: ["metrics"], queryFn: ({ signal }) => exchange.metrics(signal), refetchInterval: REFRESH_MS });
  const sparks = useQuery({
    queryKey: ["metric-sparks", range.since, range.until],
    queryFn: ({ signal }) => exchange.sparks(range.since, range.until, signal),
    placeholderData: keepPreviousData,
  });
  useKeys({ filter: () => input.current?.focus() });
  const q = useDeferredValue(search.q ?? "");
  const metrics = found.data?.metrics;
  const shown = useMemo(() => searchMetrics(metrics ?? [], q), [metrics, q]);
  const lines = useMemo(() => new Map((sparks.data?.sparks ?? []).map((one) => [keyOf(one), one.values])), [sparks.data]);
  return (
    <div className="metrics-page">
      <header className="bar">
        <h1>Metrics</h1>
        <form role="search" className="filter" onSubmit={(event) => event.preventDefault()}>
          <Icon name="search" />
          <input
            ref={input}
            type="text"
            aria-label="Search metrics"
            placeholder="name, service, unit"
            value={search.q ?? ""}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange({ q: event.target.value || undefined })}
            onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
          />
          <kbd aria-hidden="true">/</kbd>
        </form>
        <MetricTime search={search} onChange={onChange} />
        <ExportMenu path="/metrics/export" params={() => ({ since: range.since, until: search.until })} />
      </header>
      <div className="metrics-scroll">
        {found.error && !metrics && <Failure error={found.error} onRetry={() => void found.refetch()} />}
        {!found.error && !metrics && <Skeleton rows={10} />}
        {metrics?.length === 0 && (
          <div className="blank">
            <h2>No metrics yet</h2>
            <p className="muted">Any OpenTelemetry SDK that exports metrics will do; most wait a minute before they send.</p>
            <div className="blank-code">
              <Code text={SNIPPET} label="Environment" />
            </div>
          </div>
        )}
        {metrics && metrics.length > 0 && shown.length === 0 && (
          <div className="blank">
            <h2>No metric has these words</h2>
            <button type="button" className="button" onClick={() => onChange({ q: undefined })}>
              Show all
            </button>
          </div>
        )}
        {shown.length > 0 && (
          <table className="metrics-table" data-testid="metrics">
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col">{range.label}</th>
                <th scope="col">Type</th>
                <th scope="col">Unit</th>
                <th scope="col">Service</th>
                <th scope="col" className="number">Series</th>
                <th scope="col" className="number">Points</th>
                <th scope="col" className="number">Last</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((metric) => (
                <Row key={keyOf(metric)} metric={metric} values={lines.get(keyOf(metric))} search={search} />
              ))}
            </tbody>
          </table>
        )}
        {shown.length > 0 && <p className="list-end muted">{plural(shown.length, "metric")}</p>}
      </div>
    </div>
  );
}

function keyOf({ name, service, type }: { name: string; service: string; type: string }): string {
  return JSON.stringify([name, service, type]);
}

function Row({ metric, values, search }: { metric: MetricSummary; values: readonly (number | null)[] | undefined; search: MetricsSearch }): ReactNode {
  const { name, service, type, temporality } = metric;
  return (
    <tr>
      <th scope="row">
        <Link to="/metrics-explorer" search={{ name, service, type, since: search.since, until: search.until }} className="metric-name">
          {visible(name)}
        </Link>
        {metric.description && <span className="muted metric-about">{visible(metric.description.slice(0, 300))}</span>}
      </th>
      <td className="spark-cell">
        {values ? (
          <svg className="spark" viewBox={`-1 -1 ${SPARK.width + 2} ${SPARK.height + 2}`} width={SPARK.width} height={SPARK.height} role="img" aria-label="How it went">
            <path d={sparkPath(values, SPARK.width, SPARK.height)} />
          </svg>
        ) : (
          <span className="muted">–</span>
        )}
      </td>
      <td data-label="Type" title={temporality === "unspecified" ? undefined : temporality}>
        {type.replace("_", " ")}
        {temporality === "delta" && <span className="muted"> delta</span>}
      </td>
      <td className="mono" data-label="Unit">{visible(metric.unit)}</td>
      <td data-label="Service">{visible(service)}</td>
      <td className="number" data-label="Series">{formatCount(metric.series_count)}</td>
      <td className="number" data-label="Points">{formatCount(metric.point_count)}</td>
      <td className="number muted" data-label="Last" title={formatExactTime(metric.last_time_unix_nano)}>
        {metric.last_time_unix_nano === "0" ? "–" : formatTime(metric.last_time_unix_nano)}
      </td>
    </tr>
  );
}
