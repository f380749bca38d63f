import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { api } from "../api/client";
import type { TraceSummary } from "../api/types.gen";
import { formatCost } from "../format/cost";
import { formatDuration } from "../format/duration";
import { formatTokens } from "../format/numbers";
import { plainLine, visible } from "../format/text";
import { formatTime } from "../format/time";
import { suggestions } from "../model/compare";
import { Status } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { takeFocus } from "../ui/takeFocus";

interface Props {
  side: "a" | "b";
  beside: TraceSummary | undefined;
  onPick: (traceId: string) => void;
}

const LOOKED_AT = 200;
const TRACE_ID = /[0-9a-f]{32}/i;

/** Asks for a trace: those of the same question and name first; an id or a pasted link is taken as well. */
export function Picker({ side, beside, onPick }: Props): ReactNode {
  const [words, setWords] = useState("");
  const pasted = TRACE_ID.exec(words)?.[0];
  const query = pasted ? "" : words.trim();
  const found = useQuery({
    queryKey: ["compare", "candidates", query],
    queryFn: ({ signal }) => api.traces({ q: query, since: undefined, limit: LOOKED_AT }, signal),
    placeholderData: (old) => old,
  });
  const offered = useMemo(() => suggestions(beside, found.data?.traces ?? []), [beside, found.data]);
  return (
    <div className="picker">
      <h1>{side === "b" ? "Compare with which trace?" : "Which trace?"}</h1>
      {beside && (
        <p className="muted cut">
          Beside {visible(beside.name)}: {plainLine(beside.input, 160)}
        </p>
      )}
      <form
        className="picker-form"
        onSubmit={(event) => {
          event.preventDefault();
          const first = pasted?.toLowerCase() ?? offered[0]?.trace_id;
          if (first) onPick(first);
        }}
      >
        <input
          type="text"
          value={words}
          ref={takeFocus}
          aria-label="Filter the traces, or paste an id"
          placeholder="filter as in the list, or paste a trace's id or link"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setWords(event.target.value)}
        />
        {pasted && (
          <button type="submit" className="button">
            Take {pasted.slice(0, 8)}
          </button>
        )}
      </form>
      {found.error && <Failure error={found.error} />}
      {!found.data && !found.error && <Skeleton rows={8} tall />}
      {found.data && offered.length === 0 && <p className="muted">No other trace is here{query ? " that this finds" : ""}.</p>}
      <ol className="picker-list">
        {offered.slice(0, 50).map((trace) => (
          <li key={trace.trace_id}>
            <button type="button" className="picker-row" data-testid="candidate" onClick={() => onPick(trace.trace_id)}>
              <Status status={trace.status} quiet />
              <span className="picker-words">
                <span className="cut">{plainLine(trace.input, 200) || visible(trace.name)}</span>
                <span className="cut muted">{plainLine(trace.output, 200)}</span>
              </span>
              {beside && trace.input !== null && trace.input === beside.input && <span className="tag">same question</span>}
              <span className="number">{formatDuration(trace.duration_ns)}</span>
              <span className="number picker-extra">{formatTokens(trace.usage.total_tokens)}</span>
              <span className="number picker-extra">{formatCost(trace.cost.total_usd)}</span>
              <time className="muted number">{formatTime(trace.start_time_unix_nano)}</time>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
