/** Requests of the pages of logs and metrics, and of the import of files. */
import { get, sendFile, type Params } from "./client";
import type { ImportReport, LogCounts, LogList, MetricList, MetricOverTime, MetricSparks } from "./types.gen";

export interface LogQuery {
  q: string;
  severity: number | undefined;
  since: string | undefined;
  until: string | undefined;
}

export interface SeriesQuery {
  name: string;
  service: string | undefined;
  type: string | undefined;
  since: string;
  until: string;
  group: string | undefined;
  label: string | undefined;
}

export const exchange = {
  logs: (query: LogQuery, limit: number, cursor: string | undefined, signal?: AbortSignal) =>
    get<LogList>("/api/v1/logs", { ...query, limit, cursor }, signal),
  logCounts: (query: LogQuery, signal?: AbortSignal) => get<LogCounts>("/api/v1/logs/counts", { ...query }, signal),
  metrics: (signal?: AbortSignal) => get<MetricList>("/api/v1/metrics", {}, signal),
  sparks: (since: string, until: string, signal?: AbortSignal) => get<MetricSparks>("/api/v1/metrics/sparks", { since, until }, signal),
  series: (query: SeriesQuery, signal?: AbortSignal) => get<MetricOverTime>("/api/v1/metrics/series", { ...query }, signal),
  importFile: (file: Blob) => sendFile<ImportReport>("/api/v1/import", file),
};

export type ExportFormat = "jsonl" | "parquet" | "otlp";

/** Where a list or a trace comes from as a file: `/api/v1/traces/export` with the list's own filter and range. */
export function exportAddress(path: string, format: ExportFormat, params: Params): string {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== "") query.set(name, String(value));
  return `/api/v1${path}?${query.toString()}`;
}
