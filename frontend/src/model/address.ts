/** What the address of each page holds after its `?`; what is not understood is left out. */
import { isLeast, type Least } from "./logs";
import { rangeName, type RangeName } from "./range";
import { boardSearch } from "./window";
import { isTab, type Tab } from "./tabs";

export interface TracesSearch {
  q?: string | undefined;
  /** A range's name, or a time; with a time also the end, which is not in it. */
  since?: string | undefined;
  until?: string | undefined;
  /** The marked row. */
  sel?: string | undefined;
  live?: "off" | undefined;
}

export interface DoctorSearch {
  /** How far back the store is looked at; an hour if it is not there. */
  window?: RangeName | undefined;
}

export interface TraceSearch {
  /** A span's id, or `fold:` and the id of the step whose badge is looked at. */
  span?: string | undefined;
  tab?: Tab | undefined;
  view?: "all" | undefined;
}

export interface ProgressSearch {
  /** An approach, or `approach.column`: the cell whose evidence is shown. */
  cell?: string | undefined;
}

export interface LogsSearch {
  q?: string | undefined;
  /** Least severity. */
  severity?: Least | undefined;
  since?: RangeName | undefined;
  /** A part of the time, nanoseconds; goes before `since`. */
  from?: string | undefined;
  to?: string | undefined;
  live?: "off" | undefined;
  /** The record that is open. */
  open?: string | undefined;
}

export interface MetricsSearch {
  /** Words that the names of the list have. */
  q?: string | undefined;
  since?: RangeName | undefined;
  name?: string | undefined;
  service?: string | undefined;
  type?: string | undefined;
  /** A label to tell lines apart by, or `-` for one line of all. */
  group?: string | undefined;
  /** `name=value` that a point must have. */
  label?: string | undefined;
  view?: "table" | undefined;
}

type Search = Record<string, unknown>;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function tracesSearch(search: Search): TracesSearch {
  return {
    ...boardSearch(search),
    sel: text(search["sel"]),
    live: search["live"] === "off" ? "off" : undefined,
  };
}

export function doctorSearch(search: Search): DoctorSearch {
  return { window: rangeName(search["window"]) };
}

export function traceSearch(search: Search): TraceSearch {
  return {
    span: text(search["span"]),
    tab: isTab(search["tab"]) ? search["tab"] : undefined,
    view: search["view"] === "all" ? "all" : undefined,
  };
}

export function progressSearch(search: Search): ProgressSearch {
  return { cell: text(search["cell"]) };
}

export function logsSearch(search: Search): LogsSearch {
  return {
    q: text(search["q"]),
    severity: isLeast(search["severity"]) ? search["severity"] : undefined,
    since: rangeName(search["since"]),
    from: time(search["from"]),
    to: time(search["to"]),
    live: search["live"] === "off" ? "off" : undefined,
    open: text(search["open"]),
  };
}

export function metricsSearch(search: Search): MetricsSearch {
  return {
    q: text(search["q"]),
    since: rangeName(search["since"]),
    name: text(search["name"]),
    service: text(search["service"]),
    type: text(search["type"]),
    group: text(search["group"]),
    label: text(search["label"]),
    view: search["view"] === "table" ? "table" : undefined,
  };
}

function time(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{1,20}$/.test(value) ? value : undefined;
}
