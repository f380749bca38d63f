import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useRef, type ReactNode } from "react";
import { sessionPage } from "../api/boards";
import { ApiFailure } from "../api/client";
import type { Session, SessionDetail } from "../api/types.gen";
import { Money } from "../board/Money";
import { More } from "../board/More";
import { TracesLink } from "../board/links";
import { useBoard } from "../board/useBoard";
import { useRowKeys } from "../board/useRowKeys";
import { useRows } from "../board/useRows";
import { formatDuration } from "../format/duration";
import { formatCount, formatTokens, plural } from "../format/numbers";
import { visible } from "../format/text";
import { formatTime, nsBetween } from "../format/time";
import { behind, narrowed } from "../model/behind";
import { Copy } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { TurnView } from "./TurnView";

const PAGE = 50;
const route = getRouteApi("/sessions/$sessionId");

/** One conversation as one chat, each answer with the way to its trace. */
export function SessionPage(): ReactNode {
  const { sessionId } = route.useParams();
  const navigate = useNavigate();
  const area = useRef<HTMLOListElement>(null);
  useBoard({}); // reads the turns again when traces arrive
  const rows = useRows<SessionDetail>(["session", sessionId], (cursor, signal) => sessionPage(sessionId, PAGE, cursor, signal));
  useTitle(`Session ${sessionId.slice(0, 80)}`);
  useRowKeys(area);
  useKeys({ leaveList: () => void navigate({ to: "/sessions" }) });
  if (rows.error && !rows.pages) {
    const missing = rows.error instanceof ApiFailure && rows.error.status === 404;
    return (
      <div className="blank">
        <Failure error={rows.error} {...(missing ? {} : { onRetry: rows.reload })} />
        <Link to="/sessions" className="button">
          All sessions
        </Link>
      </div>
    );
  }
  const session = rows.pages?.[0]?.session;
  if (!rows.pages || !session || rows.isOld) return <Skeleton rows={8} tall />;
  const turns = rows.pages.flatMap((page) => page.turns);
  return (
    <div className="board session">
      <SessionHeader session={session} />
      <div className="board-body">
        <ol className="turns" ref={area} aria-label="Conversation">
          {turns.map((turn) => (
            <TurnView key={turn.trace.trace_id} turn={turn} />
          ))}
        </ol>
        <More
          hasMore={rows.hasMore}
          isLoading={rows.isLoadingMore}
          onMore={rows.loadMore}
          end={`${plural(turns.length, "trace")}; new ones appear here as they arrive.`}
        />
      </div>
    </div>
  );
}

function SessionHeader({ session }: { session: Session }): ReactNode {
  const span = nsBetween(session.first_time_unix_nano, session.last_time_unix_nano);
  return (
    <header className="session-header">
      <div className="session-title">
        <Link to="/sessions" className="button-quiet" aria-label="All sessions">
          <Icon name="back" />
        </Link>
        <h1 className="mono">{visible(session.session_id.slice(0, 400))}</h1>
        <Copy text={session.session_id} label="Copy the session id" />
        <TracesLink to={behind(narrowed(undefined, "session", session.session_id), undefined, undefined)}>as a list of traces</TracesLink>
      </div>
      <dl className="facts" aria-label="Totals">
        <Fact name="Traces">
          {formatCount(session.trace_count)}
          {session.failed_count > 0 && <span className="error-text"> {formatCount(session.failed_count)} failed</span>}
        </Fact>
        <Fact name="LLM calls">{formatCount(session.llm_call_count)}</Fact>
        <Fact name="Tokens">{formatTokens(session.usage.total_tokens)}</Fact>
        <Fact name="Cost">
          <Money cost={session.cost} />
        </Fact>
        <Fact name="Began">{formatTime(session.first_time_unix_nano)}</Fact>
        <Fact name="Over">{formatDuration(span)}</Fact>
        <Fact name="Users">{session.users.slice(0, 3).map(visible).join(", ") || "–"}</Fact>
        <Fact name="Models">{session.models.slice(0, 4).map(visible).join(", ") || "–"}</Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div data-testid={`fact-${name.toLowerCase().replace(" ", "-")}`}>
      <dt className="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
