/** Since when figures rest on every trace, and asking for them again once they reach further. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { boards } from "../api/boards";
import { shortOf } from "../model/storeNotice";

/** While somebody looks at a part, the server reads the rest. */
const AGAIN_MS = 5_000;
const FIGURES = new Set<unknown>(["stats", "groups", "surroundings"]);

/** Null where the whole range was read, or where the data lies in the data folder. */
export function useReach(since: bigint | undefined): bigint | null {
  const client = useQueryClient();
  const usual = boards.store();
  const { data } = useQuery({
    ...usual,
    refetchOnMount: "always", // what is shown now may have brought more
    refetchInterval: (query) => {
      const { data: known } = query.state;
      if (since !== undefined && shortOf(known, since) !== null) return AGAIN_MS;
      return typeof usual.refetchInterval === "function" ? usual.refetchInterval(query) : usual.refetchInterval;
    },
  });
  const whole = shortOf(data, since);
  const before = useRef(whole);
  useEffect(() => {
    const reachesFurther = before.current !== null && (whole === null || whole < before.current);
    before.current = whole;
    if (reachesFurther) void client.invalidateQueries({ predicate: (query) => FIGURES.has(query.queryKey[0]) });
  }, [client, whole]);
  return whole;
}
