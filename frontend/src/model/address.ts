/** What the address of each page holds after its `?`; what is not understood is left out. */
import { isLeast, type Least } from "./logs";
import { moment, rangeName, type Range, type RangeName } from "./range";
import { isTab, type Tab } from "./tabs";

export interface TracesSearch {
  q?: string | undefined;
  /** A range's name, or nanoseconds since the epoch. */
  since?: string | undefined;
  until?: string | undefined;
  /** The marked row. */
  sel?: string | undefined;
  live?: "off" | undefined;
  /** The trace that another one is to be compared with. */
  pick?: string | undefined;
}

export interface DoctorSearch {
  /** How far back the store is looked at; an hour if it is not there. */
  window?: RangeName | undefined;
}

export interface TraceSearch {
  /** A span's id, or `fold:` and the id of the step whose badge is looked at. */
  span?: string | undefined;
  tab?: Tab | undefined;
  view?: TraceView | undefined;
  /** The part of the time axis that is looked at, nanoseconds from its start: `from-to`. */
  zoom?: string | undefined;
  /** Whether the critical path is marked. */
  path?: "on" | undefined;
  /** The text that is looked for in the trace. */
  find?: string | undefined;
  /** Whether the folding rules are open. */
  rules?: "open" | undefined;
}

export interface SettingsSearch {
  /** Whether the folding rules are open. */
  rules?: "open" | undefined;
}

export interface CompareSearch {
  /** The two traces; one that is missing is asked for. */
  a?: string | undefined;
  b?: string | undefined;
  /** The marked pair: the ids of its spans. */
  row?: string | undefined;
  /** Only pairs that differ. */
  only?: "different" | undefined;
}

/** How a trace is shown; without one as its story. */
export const TRACE_VIEWS = ["all", "lens"] as const;
export type TraceView = (typeof TRACE_VIEWS)[number];

export interface ProgressSearch {
  /** An approach, or `approach.column`: the cell whose evidence is shown. */
  cell?: string | undefined;
}

export interface LogsSearch {
  q?: string | undefined;
  /** Least severity. */
  severity?: Least | undefined;
  since?: string | undefined;
  until?: string | undefined;
  live?: "off" | undefined;
  /** The record that is open. */
  open?: string | undefined;
}

export interface MetricsSearch {
  /** Words that the names of the list have. */
  q?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
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

/** The one form of a time range, on every page that has one. */
function range(search: Search): Range {
  return { since: rangeName(search["since"]) ?? moment(search["since"]), until: moment(search["until"]) };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function tracesSearch(search: Search): TracesSearch {
  return {
    q: text(search["q"]),
    ...range(search),
    pick: text(search["pick"]),
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
    view: TRACE_VIEWS.find((view) => view === search["view"]),
    zoom: text(search["zoom"]),
    path: search["path"] === "on" ? "on" : undefined,
    find: text(search["find"]),
    rules: search["rules"] === "open" ? "open" : undefined,
  };
}

export function settingsSearch(search: Search): SettingsSearch {
  return { rules: search["rules"] === "open" ? "open" : undefined };
}

export function progressSearch(search: Search): ProgressSearch {
  return { cell: text(search["cell"]) };
}

const TRACE_ID = /^[0-9a-fA-F]{32}$/;

function traceId(value: unknown): string | undefined {
  return typeof value === "string" && TRACE_ID.test(value) ? value.toLowerCase() : undefined;
}

export function compareSearch(search: Search): CompareSearch {
  return {
    a: traceId(search["a"]),
    b: traceId(search["b"]),
    row: text(search["row"]),
    only: search["only"] === "different" ? "different" : undefined,
  };
}
export function logsSearch(search: Search): LogsSearch {
  return {
    q: text(search["q"]),
    severity: isLeast(search["severity"]) ? search["severity"] : undefined,
    ...range(search),
    live: search["live"] === "off" ? "off" : undefined,
    open: text(search["open"]),
  };
}

export function metricsSearch(search: Search): MetricsSearch {
  return {
    q: text(search["q"]),
    ...range(search),
    name: text(search["name"]),
    service: text(search["service"]),
    type: text(search["type"]),
    group: text(search["group"]),
    label: text(search["label"]),
    view: search["view"] === "table" ? "table" : undefined,
  };
}

