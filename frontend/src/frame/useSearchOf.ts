import { useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";
import { moment, rangeName } from "../model/range";
import { listSearch } from "../traces/lastList";
import { WITH_RANGE, type Place } from "./places";

export interface PageSearch {
  q?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** What the link to a page asks for: the list as it was last, and the time that this page shows where both have one. */
export function useSearchOf(): (place: Place) => PageSearch {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search: Record<string, unknown> = useRouterState({ select: (state) => state.location.search });
  const since = rangeName(search["since"]) ?? moment(search["since"]);
  const until = moment(search["until"]);
  return useCallback(
    (place) => {
      const before = place.to === "/" ? listSearch() : {};
      const both = path !== place.to && WITH_RANGE.some((to) => to === path) && WITH_RANGE.includes(place.to);
      return both ? { ...before, since, until } : before;
    },
    [path, since, until],
  );
}
