/** Requests to the server the page came from. One error shape, one place that knows whether it can be reached. */
import { parseJson } from "../format/json";
import { access } from "./access";
import { connection } from "./connection";
import type {
  Annotation,
  AnnotationChange,
  ApiError,
  BadgeList,
  Bill,
  CallChanges,
  CostOn,
  Doctor,
  Erased,
  FacetList,
  Histogram,
  FoldRule,
  FoldRulesShown,
  FoundList,
  KeptErrorList,
  LinkedList,
  Lens,
  LogList,
  Login,
  ModelPricesList,
  NewAnnotation,
  NewView,
  Pins,
  ProgressReport,
  Replayed,
  Span,
  SqlPlan,
  SqlReplay,
  SuggestionList,
  TraceDetail,
  TraceList,
  View,
  ViewChange,
  ViewList,
  TraceTree,
} from "./types.gen";

/** The server's answer was an error; `message` and `hint` are its own words. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
    this.name = "ApiFailure";
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
    this.name = "Unreachable";
  }
}

export type Params = Record<string, string | number | boolean | readonly string[] | undefined>;

export async function get<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value) query.append(name, one);
    else if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const search = query.toString();
  const response = await ask(search ? `${path}?${search}` : path, {
    headers: { accept: "application/json" },
    ...(signal ? { signal } : {}),
  });
  return parseJson(await response.text()) as T;
}

async function send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<T | undefined> {
  const response = await ask(path, {
    method,
    headers: { accept: "application/json", "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return response.status === 204 ? undefined : (parseJson(await response.text()) as T);
}

/** A POST that is always answered with content. */
async function post<T>(path: string): Promise<T> {
  return (await send<T>("POST", path, {})) as T;
}

/** A file as the body, as it is. */
export async function sendFile<T>(path: string, file: Blob): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/octet-stream" };
  return parseJson(await (await ask(path, { method: "POST", headers, body: file })).text()) as T;
}

const UNKNOWN = "unknown"; // the code of an answer that is not in the form of ours

async function ask(address: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    connection.lost();
    throw new Unreachable();
  }
  // A proxy in front speaks for a server that is away; the server itself says so in its own form.
  if (response.status === 502 || response.status === 504) {
    const failure = await failureOf(response);
    if (failure.code === UNKNOWN) {
      connection.lost();
      throw new Unreachable();
    }
    connection.reached();
    throw failure;
  }
  connection.reached();
  if (response.status === 401) access.refused();
  if (!response.ok) throw await failureOf(response);
  return response;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  try {
    const { error } = (await response.json()) as ApiError;
    return new ApiFailure(response.status, error.code, error.message, error.hint);
  } catch {
    return new ApiFailure(response.status, UNKNOWN, `The server answered with status ${response.status}.`, null);
  }
}

const id = encodeURIComponent;

export interface TraceQuery {
  q: string;
  since: string | undefined;
  until?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** A part of a list, whichever: its filter and its time. */
export interface ListPart {
  of: "traces" | "spans" | "logs";
  q: string;
  since: string | undefined;
  until: string | undefined;
}

export const api = {
  traces: (query: TraceQuery, signal?: AbortSignal) => get<TraceList>("/api/v1/traces", { ...query }, signal),
  trace: (traceId: string, content: boolean, signal?: AbortSignal) =>
    get<TraceDetail>(`/api/v1/traces/${id(traceId)}`, { content }, signal),
  /** The light tree in columns. */
  tree: (traceId: string, signal?: AbortSignal) => get<TraceTree>(`/api/v1/traces/${id(traceId)}/tree`, {}, signal),
  bill: (traceId: string, signal?: AbortSignal) => get<Bill>(`/api/v1/traces/${id(traceId)}/ledger`, {}, signal),
  badges: (traceId: string, signal?: AbortSignal) => get<BadgeList>(`/api/v1/traces/${id(traceId)}/badges`, {}, signal),
  find: (traceId: string, text: string, signal?: AbortSignal) =>
    get<FoundList>(`/api/v1/traces/${id(traceId)}/find`, { text }, signal),
  linkedFrom: (traceId: string, signal?: AbortSignal) =>
    get<LinkedList>(`/api/v1/traces/${id(traceId)}/linked-from`, {}, signal),
  foldRules: (signal?: AbortSignal) => get<FoldRulesShown>("/api/v1/fold-rules", {}, signal),
  setFoldRules: (rules: readonly FoldRule[]) => send<FoldRulesShown>("PUT", "/api/v1/fold-rules", { rules }),
  resetFoldRules: () => send<FoldRulesShown>("DELETE", "/api/v1/fold-rules"),
  span: (traceId: string, spanId: string, signal?: AbortSignal) =>
    get<Span>(`/api/v1/traces/${id(traceId)}/spans/${id(spanId)}`, {}, signal),
  lens: (traceId: string, signal?: AbortSignal) => get<Lens>(`/api/v1/traces/${id(traceId)}/lens`, {}, signal),
  explainSql: (traceId: string, spanId: string) => post<SqlPlan>(`/api/v1/traces/${id(traceId)}/lens/${id(spanId)}/explain`),
  replaySql: (traceId: string, spanId: string) => post<SqlReplay>(`/api/v1/traces/${id(traceId)}/lens/${id(spanId)}/replay`),
  changes: (traceId: string, spanId: string, signal?: AbortSignal) =>
    get<CallChanges>(`/api/v1/traces/${id(traceId)}/spans/${id(spanId)}/changes`, {}, signal),
  /** What the trace would have cost on these models; on some that the server chooses if there are none. */
  costOn: (traceId: string, model: readonly string[], signal?: AbortSignal) =>
    get<CostOn>(`/api/v1/traces/${id(traceId)}/cost-on`, { model }, signal),
  models: (q: string, signal?: AbortSignal) => get<ModelPricesList>("/api/v1/prices/models", { q, limit: 12 }, signal),
  logs: (traceId: string, spanId: string | undefined, signal?: AbortSignal) =>
    get<LogList>("/api/v1/logs", { trace_id: traceId, span_id: spanId, limit: 1000 }, signal),
  facets: (part: ListPart, key: readonly string[], limit: number, signal?: AbortSignal) =>
    get<FacetList>("/api/v1/facets", { ...part, key, limit }, signal),
  histogram: (part: ListPart, buckets: number, signal?: AbortSignal) =>
    get<Histogram>("/api/v1/histogram", { ...part, buckets }, signal),
  /** `at` is the cursor in code points. */
  suggest: (part: ListPart, at: number, signal?: AbortSignal) =>
    get<SuggestionList>("/api/v1/suggest", { ...part, at }, signal),
  views: (page: ListPart["of"], signal?: AbortSignal) => get<ViewList>("/api/v1/views", { page }, signal),
  saveView: (view: NewView) => send<View>("POST", "/api/v1/views", view),
  changeView: (viewId: string, changes: ViewChange) => send<View>("PATCH", `/api/v1/views/${id(viewId)}`, changes),
  deleteView: (viewId: string) => send<never>("DELETE", `/api/v1/views/${id(viewId)}`),
  progress: (signal?: AbortSignal) => get<ProgressReport>("/api/v1/progress", {}, signal),
  doctor: (window: number, signal?: AbortSignal) => get<Doctor>("/api/v1/doctor", { window }, signal),
  keptErrors: (signal?: AbortSignal) => get<KeptErrorList>("/api/v1/doctor/errors", {}, signal),
  replay: (errorId: string) => send<Replayed>("POST", `/api/v1/doctor/errors/${id(errorId)}/replay`),
  forgetError: (errorId: string) => send<never>("DELETE", `/api/v1/doctor/errors/${id(errorId)}`),
  forgetErrors: () => send<never>("DELETE", "/api/v1/doctor/errors"),
  /** Without a span, of the whole trace. */
  annotate: (traceId: string, spanId: string | null, said: NewAnnotation) =>
    send<Annotation>("POST", `/api/v1/traces/${id(traceId)}${spanId === null ? "" : `/spans/${id(spanId)}`}/annotations`, said),
  changeAnnotation: (annotationId: string, changes: AnnotationChange) =>
    send<Annotation>("PATCH", `/api/v1/annotations/${id(annotationId)}`, changes),
  login: (signal?: AbortSignal) => get<Login>("/api/v1/login", {}, signal),
  logIn: (key: string, project: string) => send<Login>("POST", "/api/v1/login", { key, project }),
  logOut: () => send<never>("DELETE", "/api/v1/login"),
  pins: (signal?: AbortSignal) => get<Pins>("/api/v1/pins", {}, signal),
  pin: (traceId: string) => send<never>("PUT", `/api/v1/traces/${id(traceId)}/pin`),
  unpin: (traceId: string) => send<never>("DELETE", `/api/v1/traces/${id(traceId)}/pin`),
  /** From the files too; there is no way back. */
  eraseTrace: (traceId: string) => send<Erased>("DELETE", `/api/v1/traces/${id(traceId)}`),
  deleteAnnotation: (annotationId: string) => send<never>("DELETE", `/api/v1/annotations/${id(annotationId)}`),
};
