import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import type { TraceSummary } from "../api/types.gen";
import { Money } from "../board/Money";
import type { Board } from "../board/useBoard";
import { formatDuration } from "../format/duration";
import { plainLine, visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { Status } from "../ui/Icon";
import { Skeleton } from "../ui/Notice";

const SHOWN = 6;

interface Props {
  board: Board;
  by: "duration" | "cost";
  title: string;
}

/** The traces with the most of something, each a link to itself. */
export function TopTraces({ board, by, title }: Props): ReactNode {
  const found = useQuery(boards.top(by, SHOWN, board.chosen));
  const traces = found.data?.traces;
  return (
    <section className="board-list" aria-label={title} data-testid={`top-${by}`}>
      <h2>{title}</h2>
      {!traces && <Skeleton rows={SHOWN} />}
      {traces?.length === 0 && <p className="muted">{by === "cost" ? "No trace here has a known price above $0." : "Nothing here took any time."}</p>}
      {traces && traces.length > 0 && (
        <ol>
          {traces.map((trace) => (
            <TopTrace key={trace.trace_id} trace={trace} by={by} />
          ))}
        </ol>
      )}
    </section>
  );
}

function TopTrace({ trace, by }: { trace: TraceSummary; by: Props["by"] }): ReactNode {
  return (
    <li>
      <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} search={{}} className="top-trace">
        <Status status={trace.status} quiet />
        <span className="cut" dir="auto">
          {plainLine(trace.input) || visible(trace.name)}
        </span>
        <span className="number">{by === "cost" ? <Money cost={trace.cost} /> : formatDuration(trace.duration_ns)}</span>
        <time className="muted number" title={formatExactTime(trace.start_time_unix_nano)}>
          {formatTime(trace.start_time_unix_nano)}
        </time>
      </Link>
    </li>
  );
}
