import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { boards, sessionsPage } from "../api/boards";
import type { Session } from "../api/types.gen";
import { Money } from "../board/Money";
import { TracesLink } from "../board/links";
import { useBoard } from "../board/useBoard";
import { useRows } from "../board/useRows";
import { TopTraces } from "../dashboard/TopTraces";
import { Tiles } from "../dashboard/Tiles";
import { formatCount } from "../format/numbers";
import { plainLine, visible } from "../format/text";
import { formatTime } from "../format/time";
import { behind, narrowed } from "../model/behind";
import { windowLabel } from "../model/window";
import { ModelsTable } from "../models/ModelsTable";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { ReachNote } from "../ui/StoreNotes";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";

const route = getRouteApi("/users/$userId");
const SESSIONS = 10;

/** One user: totals, the models that answered, the conversations. */
export function UserPage(): ReactNode {
  const { userId } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const q = narrowed(undefined, "user", userId);
  const board = useBoard({ ...search, q });
  const totals = useQuery(boards.stats({ ...board.chosen, over: "traces" }));
  const models = useQuery(boards.models(board.chosen));
  const sessions = useRows(["sessions", board.chosen, SESSIONS], (cursor, signal) =>
    sessionsPage({ ...board.chosen, limit: SESSIONS, cursor }, signal),
  );
  useTitle(`User ${userId.slice(0, 80)}`);
  useKeys({ leaveList: () => void navigate({ to: "/users", search }) });
  const total = totals.data?.rows[0];
  return (
    <div className="board">
      <header className="session-header">
        <div className="session-title">
          <Link to="/users" search={search} className="button-quiet" aria-label="All users">
            <Icon name="back" />
          </Link>
          <h1 className="mono">{visible(userId.slice(0, 400))}</h1>
          <span className="muted">{windowLabel(search, (ns) => formatTime(ns))}</span>
          <TracesLink to={behind(q, board.bounds.since, board.bounds.until)}>as a list of traces</TracesLink>
        </div>
      </header>
      {totals.isPending && <Skeleton rows={8} tall />}
      {totals.error && !totals.data && <Failure error={totals.error} onRetry={() => void totals.refetch()} />}
      {totals.data && !total?.count && <p className="blank muted">No trace names this user in this time.</p>}
      {total !== undefined && total.count > 0 && (
        <div className="board-body">
          <ReachNote since={board.bounds.since} />
          <Tiles board={board} total={total} />
          <section className="board-list" aria-label="Models">
            <h2>Models</h2>
            {models.data && <ModelsTable models={models.data.models} q={q} bounds={board.bounds} brief />}
          </section>
          <div className="board-lists">
            <UserSessions sessions={sessions.pages?.flatMap((page) => page.sessions)} />
            <TopTraces board={board} by="duration" title="Slowest traces" />
            <TopTraces board={board} by="cost" title="Dearest traces" />
          </div>
        </div>
      )}
    </div>
  );
}

function UserSessions({ sessions }: { sessions: readonly Session[] | undefined }): ReactNode {
  return (
    <section className="board-list" aria-label="Sessions">
      <h2>Sessions</h2>
      {!sessions && <Skeleton rows={4} />}
      {sessions?.length === 0 && <p className="muted">None of these traces names a session.</p>}
      <ol>
        {sessions?.slice(0, SESSIONS).map((session) => (
          <li key={session.session_id}>
            <Link to="/sessions/$sessionId" params={{ sessionId: session.session_id }} className="top-trace">
              <Icon name="sessions" />
              <span className="cut">{plainLine(session.first_input) || visible(session.session_id)}</span>
              <span className="number">
                {formatCount(session.trace_count)} · <Money cost={session.cost} />
              </span>
              <time className="muted number">{formatTime(session.last_time_unix_nano)}</time>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
