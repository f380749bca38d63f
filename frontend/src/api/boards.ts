/** What the dashboard and the pages of sessions, users, models and settings ask of the server. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { troublesOf } from "../model/storeNotice";
import { get } from "./client";
import type { ModelList, ServerState, StoreKind, SessionDetail, SessionList, Stats, TraceList, UserList } from "./types.gen";

/** A filter and a time range as the API takes them; times are nanoseconds or ISO 8601. */
export interface Chosen {
  q: string;
  since: string | undefined;
  until: string | undefined;
}

export interface StatsQuery extends Chosen {
  over: "calls" | "traces" | "tools";
  group?: "model" | "service" | "user" | "session" | "name" | undefined;
  step?: number | undefined;
  by?: "count" | "cost" | "tokens" | undefined;
  limit?: number | undefined;
}

const id = encodeURIComponent;

export const boards = {
  /** Figures of the chosen traces: calls and tools are those of these traces, at the time their trace began. */
  stats: (query: StatsQuery) =>
    queryOptions({
      queryKey: ["stats", query],
      queryFn: ({ signal }) => get<Stats>("/api/v1/stats", { ...query, of: "traces" }, signal),
      placeholderData: keepPreviousData,
    }),
  top: (by: "duration" | "cost" | "tokens", limit: number, chosen: Chosen) =>
    queryOptions({
      queryKey: ["stats", "top", by, limit, chosen],
      queryFn: ({ signal }) => get<TraceList>("/api/v1/stats/top", { ...chosen, by, limit }, signal),
      placeholderData: keepPreviousData,
    }),
  models: (chosen: Chosen) =>
    queryOptions({
      queryKey: ["stats", "models", chosen],
      queryFn: ({ signal }) => get<ModelList>("/api/v1/models", { ...chosen }, signal),
      placeholderData: keepPreviousData,
    }),
  /** Where the data lies; asked again while somebody looks, sooner while a backend fails. */
  store: () =>
    queryOptions({
      queryKey: ["store"],
      queryFn: ({ signal }) => get<StoreKind>("/api/v1/store", {}, signal),
      staleTime: 5_000,
      refetchInterval: ({ state }) => (state.data !== undefined && troublesOf(state.data).length > 0 ? 8_000 : 30_000),
    }),
  settings: () =>
    queryOptions({ queryKey: ["settings"], queryFn: ({ signal }) => get<ServerState>("/api/v1/settings", {}, signal) }),
};

interface PageOf extends Chosen {
  limit: number;
  cursor: string | undefined;
}

export const sessionsPage = (query: PageOf, signal?: AbortSignal) => get<SessionList>("/api/v1/sessions", { ...query }, signal);

export const usersPage = (query: PageOf, signal?: AbortSignal) => get<UserList>("/api/v1/users", { ...query }, signal);

export const sessionPage = (sessionId: string, limit: number, cursor: string | undefined, signal?: AbortSignal) =>
  get<SessionDetail>(`/api/v1/sessions/${id(sessionId)}`, { limit, cursor }, signal);
