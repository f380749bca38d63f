import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { useRef, useState, type ReactNode } from "react";
import { exchange, type LogQuery } from "../api/exchange";
import { formatCount } from "../format/numbers";
import { formatExactTime } from "../format/time";
import { barsOf, type Bar } from "../model/logs";
import { PartNote } from "../ui/StoreNotes";

const HEIGHT = 56;
const REFRESH_MS = 5000;

interface Props {
  query: LogQuery;
  live: boolean;
  onRange: (from: string, to: string) => void;
}

/** How many records there are over time, by severity; a drag, or Enter on a bar, narrows the time. */
export function SeverityHistogram({ query, live, onRange }: Props): ReactNode {
  const counts = useQuery({
    queryKey: ["log-counts", query],
    queryFn: ({ signal }) => exchange.logCounts(query, signal),
    placeholderData: keepPreviousData,
    // While counts are of a part, the server reads the rest.
    refetchInterval: ({ state }) => (live || state.data?.whole_since_unix_nano ? REFRESH_MS : false),
  });
  const step = counts.data?.step_ns ?? "0";
  const bars = barsOf(counts.data?.rows ?? [], step);
  const [picked, setPicked] = useState<{ from: number; to: number } | null>(null);
  const start = useRef<number | null>(null);
  const whole = counts.data?.whole_since_unix_nano ?? null;
  const note = whole !== null && <PartNote said="The bars are of the log records" whole={whole} fromStart={query.since !== undefined} />;
  if (bars.length === 0) {
    return (
      <>
        <div className="log-histogram" aria-hidden="true" />
        {note}
      </>
    );
  }
  const most = Math.max(...bars.map((bar) => bar.total), 1);
  const take = (from: number, to: number): void => {
    const [first, last] = [bars[Math.min(from, to)], bars[Math.max(from, to)]];
    if (first && last) onRange(String(first.time), String(last.time + BigInt(step)));
  };
  return (
    <>
      <div
        className="log-histogram"
        role="group"
        aria-label="Records over time"
        data-testid="log-histogram"
        onPointerUp={() => {
          if (picked) take(picked.from, picked.to);
          start.current = null;
          setPicked(null);
        }}
        onPointerLeave={() => {
          start.current = null;
          setPicked(null);
        }}
      >
        {bars.map((bar, at) => (
          <button
            key={String(bar.time)}
            type="button"
            className="log-bar"
            data-picked={picked !== null && at >= Math.min(picked.from, picked.to) && at <= Math.max(picked.from, picked.to)}
            title={told(bar)}
            aria-label={told(bar)}
            tabIndex={bar.total > 0 ? 0 : -1}
            onPointerDown={() => {
              start.current = at;
              setPicked({ from: at, to: at });
            }}
            onPointerEnter={() => start.current !== null && setPicked({ from: start.current, to: at })}
            onKeyDown={(event) => event.key === "Enter" && take(at, at)}
          >
            {bar.parts.map((part) => (
              <span key={part.level} className={`log-part level-${part.level}`} style={{ height: Math.max(1, Math.round((part.count / most) * HEIGHT)) }} />
            ))}
          </button>
        ))}
      </div>
      {note}
    </>
  );
}

function told(bar: Bar): string {
  const time = formatExactTime(String(bar.time)).slice(0, 19);
  return `${time}: ${bar.parts.map((part) => `${formatCount(part.count)} ${part.level}`).join(", ") || "none"}`;
}
