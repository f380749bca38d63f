/** What is asked of the server, with the keys it is kept under. */
import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { lightTrace } from "../model/lightTree";
import { api, ApiFailure } from "./client";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The server is often on this very machine: being offline says nothing about it.
        networkMode: "always",
        staleTime: 10_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => !(error instanceof ApiFailure && error.status < 500) && count < 1,
        retryDelay: 800,
      },
    },
  });
}

export const queries = {
  login: () => queryOptions({ queryKey: ["login"], queryFn: ({ signal }) => api.login(signal), staleTime: 60_000 }),
  pins: () => queryOptions({ queryKey: ["pins"], queryFn: ({ signal }) => api.pins(signal), staleTime: 60_000 }),
  trace: (traceId: string) =>
    queryOptions({ queryKey: ["trace", traceId], queryFn: ({ signal }) => api.trace(traceId, false, signal) }),
  /** The light tree as its page shows it. Spans are compared by reference: fifty thousand of them, one by one, take long. */
  tree: (traceId: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "tree"],
      queryFn: async ({ signal }) => lightTrace(await api.tree(traceId, signal)),
      structuralSharing: false,
    }),
  bill: (traceId: string) =>
    queryOptions({ queryKey: ["trace", traceId, "bill"], queryFn: async ({ signal }) => (await api.bill(traceId, signal)).ledger }),
  badges: (traceId: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "badges"],
      queryFn: async ({ signal }) => new Map((await api.badges(traceId, signal)).badges.map((badge) => [badge.step, badge])),
      structuralSharing: false,
    }),
  find: (traceId: string, text: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "find", text],
      queryFn: ({ signal }) => api.find(traceId, text, signal),
      placeholderData: keepPreviousData,
    }),
  linkedFrom: (traceId: string) =>
    queryOptions({ queryKey: ["trace", traceId, "linked-from"], queryFn: async ({ signal }) => (await api.linkedFrom(traceId, signal)).links }),
  foldRules: () => queryOptions({ queryKey: ["fold-rules"], queryFn: ({ signal }) => api.foldRules(signal) }),
  /** The same with prompts and attributes: asked for small traces, so that each step opens at once. */
  wholeTrace: (traceId: string) =>
    queryOptions({ queryKey: ["trace", traceId, "whole"], queryFn: ({ signal }) => api.trace(traceId, true, signal) }),
  span: (traceId: string, spanId: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "span", spanId],
      queryFn: ({ signal }) => api.span(traceId, spanId, signal),
    }),
  lens: (traceId: string) =>
    queryOptions({ queryKey: ["trace", traceId, "lens"], queryFn: ({ signal }) => api.lens(traceId, signal) }),
  changes: (traceId: string, spanId: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "changes", spanId],
      queryFn: ({ signal }) => api.changes(traceId, spanId, signal),
    }),
  costOn: (traceId: string, models: readonly string[]) =>
    queryOptions({
      queryKey: ["trace", traceId, "cost-on", ...models],
      queryFn: ({ signal }) => api.costOn(traceId, models, signal),
      placeholderData: keepPreviousData,
    }),
  models: (q: string) =>
    queryOptions({
      queryKey: ["models", q],
      queryFn: ({ signal }) => api.models(q, signal),
      placeholderData: keepPreviousData,
    }),
  views: (page: "traces" | "spans" | "logs") =>
    queryOptions({ queryKey: ["views", page], queryFn: ({ signal }) => api.views(page, signal), staleTime: 60_000 }),
  /** Before the first comparison it is waited for. */
  progress: () =>
    queryOptions({
      queryKey: ["progress"],
      queryFn: ({ signal }) => api.progress(signal),
      refetchInterval: (query) => (query.state.data?.progress ? 30_000 : 3000),
    }),
  doctor: (window: number) =>
    queryOptions({
      queryKey: ["doctor", window],
      queryFn: ({ signal }) => api.doctor(window, signal),
      placeholderData: keepPreviousData,
      refetchInterval: 10_000,
    }),
  keptErrors: () =>
    queryOptions({
      queryKey: ["doctor", "errors"],
      queryFn: ({ signal }) => api.keptErrors(signal),
      refetchInterval: 10_000,
    }),
  logs: (traceId: string, spanId?: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "logs", spanId ?? "all"],
      queryFn: ({ signal }) => api.logs(traceId, spanId, signal),
    }),
};
