/** What a board shows: filter and time of the address, and a clock that moves on when traces arrive. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useChanges } from "../api/hooks";
import type { Chosen } from "../api/boards";
import { boundsOf, named, type BoardSearch, type Bounds } from "../model/window";

const LEAST_MS = 3000;

export interface Board {
  chosen: Chosen;
  bounds: Bounds;
  nowMs: number;
}

export function useBoard(search: BoardSearch): Board {
  const client = useQueryClient();
  const [nowMs, setNowMs] = useState(() => Date.now());
  const last = useRef(Date.now());
  const moving = useRef(false);
  useEffect(() => {
    moving.current = named(search) !== undefined;
  });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  // A busy service changes traces all the time: the figures follow it every few seconds.
  useChanges(true, () => {
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        last.current = Date.now();
        setNowMs(last.current);
        // A range up to now moves with the clock and is asked for anew by that; the others are asked for again.
        if (!moving.current) void client.invalidateQueries({ queryKey: ["stats"] });
        void client.invalidateQueries({ queryKey: ["groups"] });
      },
      Math.max(0, LEAST_MS - (Date.now() - last.current)),
    );
  });
  const { q, since, until } = search;
  return useMemo(() => {
    const bounds = boundsOf({ since, until }, nowMs);
    const chosen = { q: q ?? "", since: bounds.since?.toString(), until: bounds.until?.toString() };
    return { chosen, bounds, nowMs };
  }, [q, since, until, nowMs]);
}
