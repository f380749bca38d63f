import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import { sessionsPage } from "../api/boards";
import type { Session } from "../api/types.gen";
import { RowsPage } from "../board/RowsPage";
import { TotalCells, TOTALS } from "../board/TotalCells";
import { useBoard } from "../board/useBoard";
import { useRows } from "../board/useRows";
import { formatCount } from "../format/numbers";
import { plainLine, visible } from "../format/text";
import type { BoardSearch } from "../model/window";

const PAGE = 50;
const HOW = `# OpenTelemetry: an attribute of any span of the trace
span.set_attribute("session.id", conversation_id)

# LangSmith: metadata of the run
chain.invoke(question, config={"metadata": {"session_id": conversation_id}})`;
const BLANK = {
  title: "No trace names a session",
  text: "Traces that share a session id are one conversation and show here. Name it where the service runs:",
  code: HOW,
};

const route = getRouteApi("/sessions");

/** Conversations over many traces, the one that was active last first. */
export function SessionsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/sessions" });
  const { chosen, bounds } = useBoard(search);
  const rows = useRows(["sessions", chosen], (cursor, signal) => sessionsPage({ ...chosen, limit: PAGE, cursor }, signal));
  const change = useCallback(
    (part: BoardSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  const sessions = rows.pages?.flatMap((page) => page.sessions);
  return (
    <RowsPage
      title="Sessions"
      noun="session"
      search={search}
      onChange={change}
      rows={rows}
      count={sessions?.length}
      words={["Session and its first question", "Users"]}
      numbers={["Traces", ...TOTALS]}
      blank={BLANK}
      since={bounds.since}
    >
      {sessions?.map((session) => <SessionRow key={session.session_id} session={session} />)}
    </RowsPage>
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
      <TotalCells of={session} />
    </tr>
  );
}
