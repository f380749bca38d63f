/** Asks the server what a filter could go on with, a moment after the last key; an answer that comes too late is dropped. */
import { useEffect, useState } from "react";
import { api, type ListPart } from "../api/client";
import type { SuggestionList } from "../api/types.gen";
import { sinceOf } from "../model/range";
import { toPoints } from "../model/suggest";

const PAUSE_MS = 90;
const NOTHING: SuggestionList = { start: 0, end: 0, suggestions: [] };

export function useSuggestions({ of, q, since, until }: ListPart, cursor: number, wanted: boolean): SuggestionList {
  const [found, setFound] = useState(NOTHING);
  useEffect(() => {
    if (!wanted) {
      setFound(NOTHING);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      api
        .suggest({ of, q, since: sinceOf(since, Date.now()), until }, toPoints(q, cursor), stop.signal)
        .then(setFound)
        // Typing goes on without help: the filter itself tells what is wrong.
        .catch(() => setFound(NOTHING));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [of, q, since, until, cursor, wanted]);
  return found;
}
