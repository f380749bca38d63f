/** Requests to the server the page came from. One error shape, one place that knows whether it can be reached. */
import { parseJson } from "../format/json";
import { access } from "./access";
import { connection } from "./connection";
import type {
  Annotation,
  AnnotationChange,
  ApiError,
  CostOn,
  Doctor,
  KeptErrorList,
  LogList,
  Login,
  ModelPricesList,
  NewAnnotation,
  ProgressReport,
  Replayed,
  Span,
  TraceDetail,
  TraceList,
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

async function send<T>(method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<T | undefined> {
  const response = await ask(path, {
    method,
    headers: { accept: "application/json", "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return response.status === 204 ? undefined : (parseJson(await response.text()) as T);
}

/** A file as the body, as it is. */
export async function sendFile<T>(path: string, file: Blob): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/octet-stream" };
  return parseJson(await (await ask(path, { method: "POST", headers, body: file })).text()) as T;
}

async function ask(address: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    connection.lost();
    throw new Unreachable();
  }
  // A proxy in front speaks for a server that is away.
  if (response.status === 502 || response.status === 504) {
    connection.lost();
    throw new Unreachable();
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
    return new ApiFailure(response.status, "unknown", `The server answered with status ${response.status}.`, null);
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

export const api = {
  traces: (query: TraceQuery, signal?: AbortSignal) => get<TraceList>("/api/v1/traces", { ...query }, signal),
  trace: (traceId: string, content: boolean, signal?: AbortSignal) =>
    get<TraceDetail>(`/api/v1/traces/${id(traceId)}`, { content }, signal),
  span: (traceId: string, spanId: string, signal?: AbortSignal) =>
    get<Span>(`/api/v1/traces/${id(traceId)}/spans/${id(spanId)}`, {}, signal),
  /** What the trace would have cost on these models; on some that the server chooses if there are none. */
  costOn: (traceId: string, model: readonly string[], signal?: AbortSignal) =>
    get<CostOn>(`/api/v1/traces/${id(traceId)}/cost-on`, { model }, signal),
  models: (q: string, signal?: AbortSignal) => get<ModelPricesList>("/api/v1/prices/models", { q, limit: 12 }, signal),
  logs: (traceId: string, spanId: string | undefined, signal?: AbortSignal) =>
    get<LogList>("/api/v1/logs", { trace_id: traceId, span_id: spanId, limit: 1000 }, signal),
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
  logIn: (key: string) => send<Login>("POST", "/api/v1/login", { key }),
  logOut: () => send<never>("DELETE", "/api/v1/login"),
  deleteAnnotation: (annotationId: string) => send<never>("DELETE", `/api/v1/annotations/${id(annotationId)}`),
};
