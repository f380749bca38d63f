import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { queries } from "../api/queries";
import type { FoundSpan } from "../api/types.gen";

export interface Find {
  text: string;
  busy: boolean;
  total: number;
  /** Place of the selected span among those found; -1 if it is none of them. */
  at: number;
  current: FoundSpan | undefined;
  found: ReadonlySet<string>;
  onText: (text: string) => void;
  go: (by: 1 | -1) => void;
}

const NOTHING: readonly FoundSpan[] = [];

/** What holds a text, in the order of the tree. A new text selects the first of them. */
export function useFind(
  traceId: string,
  text: string,
  selected: string | undefined,
  order: ReadonlyMap<string, number>,
  onText: (text: string) => void,
  onSelect: (spanId: string) => void,
): Find {
  const wanted = text.trim();
  const query = useQuery({ ...queries.find(traceId, wanted), enabled: wanted !== "" });
  const data = wanted === "" || query.isPlaceholderData ? undefined : query.data;
  const spans = data?.spans ?? NOTHING;
  const found = useMemo(() => new Set(spans.map((one) => one.span_id)), [spans]);
  const at = selected === undefined ? -1 : spans.findIndex((one) => one.span_id === selected);

  const go = useCallback(
    (by: 1 | -1) => {
      if (spans.length === 0) return;
      const here = selected === undefined ? -1 : (order.get(selected) ?? -1);
      const place = (one: FoundSpan): number => order.get(one.span_id) ?? -1;
      const next = by > 0 ? spans.find((one) => place(one) > here) : spans.findLast((one) => place(one) < here);
      const target = next ?? (by > 0 ? spans[0] : spans.at(-1));
      if (target) onSelect(target.span_id);
    },
    [spans, selected, order, onSelect],
  );

  // Only for a text that was typed: an address may name another span beside it.
  const typed = useRef<string>(undefined);
  useEffect(() => {
    if (data === undefined || typed.current !== wanted) return;
    typed.current = undefined;
    if (spans.length > 0 && at < 0) go(1);
  }, [data, wanted, spans, at, go]);
  const change = useCallback(
    (next: string) => {
      typed.current = next.trim();
      onText(next);
    },
    [onText],
  );
  return {
    text,
    busy: wanted !== "" && data === undefined && !query.error,
    total: data?.total ?? 0,
    at,
    current: spans[at],
    found,
    onText: change,
    go,
  };
}
