import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useRef, type ReactNode } from "react";
import { sessionsPage } from "../api/boards";
import { ApiFailure } from "../api/client";
import type { Session } from "../api/types.gen";
import { BoardBar } from "../board/BoardBar";
import { Money } from "../board/Money";
import { More } from "../board/More";
import { useBoard } from "../board/useBoard";
import { useRowKeys } from "../board/useRowKeys";
import { useRows } from "../board/useRows";
import { formatCount, plural } from "../format/numbers";
import { plainLine, visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { NothingYet } from "../dashboard/NothingYet";
import { Code } from "../ui/Code";
import { Failure, Skeleton } from "../ui/Notice";
import { ReachNote } from "../ui/StoreNotes";
import { useTitle } from "../ui/useTitle";
import type { BoardSearch } from "../model/window";

const PAGE = 50;
const HOW = `# OpenTelemetry: an attribute of any span of the trace
span.set_attribute("session.id", conversation_id)

# LangSmith: metadata of the run
chain.invoke(question, config={"metadata": {"session_id": conversation_id}})`;

const route = getRouteApi("/sessions");

/** Conversations over many traces, the one that was active last first. */
export function SessionsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/sessions" });
  const input = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const { chosen, bounds } = useBoard(search);
  const rows = useRows(["sessions", chosen], (cursor, signal) => sessionsPage({ ...chosen, limit: PAGE, cursor }, signal));
  const change = useCallback(
    (part: BoardSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  useTitle("Sessions");
  useRowKeys(area);
  const sessions = rows.pages?.flatMap((page) => page.sessions);
  const refused = rows.error instanceof ApiFailure && rows.error.status === 400;
  const narrow = search.q !== undefined || search.since !== undefined || search.until !== undefined;
  return (
    <div className="board">
      <BoardBar title="Sessions" search={search} error={rows.error} inputRef={input} onChange={change} />
      {!sessions && !rows.error && <Skeleton rows={10} tall />}
      {rows.error && !sessions && !refused && <Failure error={rows.error} onRetry={rows.retry} />}
      {sessions?.length === 0 &&
        (narrow ? (
          <NothingYet search={search} onChange={change} />
        ) : (
          <NoSessions />
        ))}
      {sessions && sessions.length > 0 && (
        <div className="board-body" ref={area} data-old={rows.isOld}>
          <ReachNote since={bounds.since} />
          <table className="rows-table" data-testid="sessions">
            <thead>
              <tr>
                <th scope="col">Session and its first question</th>
                <th scope="col">Users</th>
                <th scope="col" className="number">Traces</th>
                <th scope="col" className="number">LLM calls</th>
                <th scope="col" className="number">Tokens</th>
                <th scope="col" className="number">Cost</th>
                <th scope="col" className="number">Last activity</th>
              </tr>
            </thead>
            <tbody>
              {sessions.map((session) => (
                <SessionRow key={session.session_id} session={session} />
              ))}
            </tbody>
          </table>
          <More hasMore={rows.hasMore} isLoading={rows.isLoadingMore} onMore={rows.loadMore} end={plural(sessions.length, "session")} />
        </div>
      )}
    </div>
  );
}

function SessionRow({ session }: { session: Session }): ReactNode {
  return (
    <tr>
      <th scope="row">
        <Link to="/sessions/$sessionId" params={{ sessionId: session.session_id }} className="row-link" data-row data-testid="session-row">
          <span className="question" dir="auto">
            {plainLine(session.first_input) || "question not captured"}
          </span>
          <span className="muted mono cut">{visible(session.session_id.slice(0, 200))}</span>
        </Link>
      </th>
      <td data-label="Users" className="cut">
        {session.users.slice(0, 2).map(visible).join(", ") || <span className="muted">–</span>}
        {session.user_count > 2 && <span className="muted"> +{formatCount(session.user_count - 2)}</span>}
      </td>
      <td data-label="Traces" className="number">
        {formatCount(session.trace_count)}
        {session.failed_count > 0 && <span className="error-text second">{formatCount(session.failed_count)} failed</span>}
      </td>
      <td data-label="LLM calls" className="number">{formatCount(session.llm_call_count)}</td>
      <td data-label="Tokens" className="number">{formatCount(session.usage.total_tokens ?? 0)}</td>
      <td data-label="Cost" className="number">
        <Money cost={session.cost} />
      </td>
      <td data-label="Last activity" className="number">
        <time className="muted" title={formatExactTime(session.last_time_unix_nano)}>
          {formatTime(session.last_time_unix_nano)}
        </time>
      </td>
    </tr>
  );
}

function NoSessions(): ReactNode {
  return (
    <div className="blank">
      <h2>No trace names a session</h2>
      <p className="muted">
        Traces that share a session id are one conversation and show here. Name it where the service runs:
      </p>
      <div className="blank-code">
        <Code label="Python" text={HOW} />
      </div>
    </div>
  );
}
