/** Histogram and facets of a list: asked for with each filter and range, and again now and then while new rows arrive. */
import { useQueryClient } from "@tanstack/react-query";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { api } from "../api/client";
import { useChanges } from "../api/hooks";
import { FACETS } from "../model/facets";
import { sinceOf, type Range } from "../model/range";

/** Both read the whole range: a busy service must not make them be asked for more often. */
const AGAIN_MS = 3_000;
const BUCKETS = 90;
const VALUES = 30;

/** `enabled` once the first rows are there: both read the whole range, and would keep the rows waiting. */
export function useSurroundings(q: string, { since, until }: Range, live: boolean, enabled: boolean) {
  const client = useQueryClient();
  const part = () => ({ of: "traces" as const, q, since: sinceOf(since, Date.now()), until });
  const key = ["surroundings", q, since ?? "any", until ?? "any"];
  const options = { placeholderData: keepPreviousData, staleTime: 10_000, enabled };
  const histogram = useQuery({
    queryKey: [...key, "histogram"],
    queryFn: ({ signal }) => {
      const asked = part();
      // To now, if the range goes on: an hour without traces is an hour on the axis too.
      const end = asked.until ?? (asked.since ? `${Date.now()}000000` : undefined);
      return api.histogram({ ...asked, until: end }, BUCKETS, signal);
    },
    ...options,
  });
  const facets = useQuery({
    queryKey: [...key, "facets"],
    queryFn: ({ signal }) => api.facets(part(), FACETS.map((facet) => facet.key), VALUES, signal),
    ...options,
  });

  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const again = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ["surroundings"] });
    }, AGAIN_MS);
  }, [client]);
  useChanges(live, again);
  return { histogram, facets };
}
