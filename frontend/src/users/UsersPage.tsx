import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useRef, type ReactNode } from "react";
import { usersPage } from "../api/boards";
import { ApiFailure } from "../api/client";
import type { User } from "../api/types.gen";
import { BoardBar } from "../board/BoardBar";
import { Money } from "../board/Money";
import { More } from "../board/More";
import { useBoard } from "../board/useBoard";
import { useRowKeys } from "../board/useRowKeys";
import { useRows } from "../board/useRows";
import { NothingYet } from "../dashboard/NothingYet";
import { formatCount, plural } from "../format/numbers";
import { visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import type { BoardSearch } from "../model/window";
import { share } from "../model/delta";
import { Code } from "../ui/Code";
import { Failure, Skeleton } from "../ui/Notice";
import { ReachNote } from "../ui/StoreNotes";
import { useTitle } from "../ui/useTitle";

const PAGE = 50;
const HOW = `# OpenTelemetry: an attribute of any span of the trace
span.set_attribute("user.id", user_id)

# LangSmith: metadata of the run
chain.invoke(question, config={"metadata": {"user_id": user_id}})`;

const route = getRouteApi("/users");

/** Who asked: the users of the traces in the range, the one that was active last first. */
export function UsersPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/users" });
  const input = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const { chosen, bounds } = useBoard(search);
  const rows = useRows(["users", chosen], (cursor, signal) => usersPage({ ...chosen, limit: PAGE, cursor }, signal));
  const change = useCallback(
    (part: BoardSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  useTitle("Users");
  useRowKeys(area);
  const users = rows.pages?.flatMap((page) => page.users);
  const refused = rows.error instanceof ApiFailure && rows.error.status === 400;
  const narrow = search.q !== undefined || search.since !== undefined || search.until !== undefined;
  return (
    <div className="board">
      <BoardBar title="Users" search={search} error={rows.error} inputRef={input} onChange={change} />
      {!users && !rows.error && <Skeleton rows={10} tall />}
      {rows.error && !users && !refused && <Failure error={rows.error} onRetry={rows.retry} />}
      {users?.length === 0 &&
        (narrow ? (
          <NothingYet search={search} onChange={change} />
        ) : (
          <div className="blank">
            <h2>No trace names a user</h2>
            <p className="muted">Who asked is shown here, with what it cost. Name them where the service runs:</p>
            <div className="blank-code">
              <Code label="Python" text={HOW} />
            </div>
          </div>
        ))}
      {users && users.length > 0 && (
        <div className="board-body" ref={area} data-old={rows.isOld}>
          <ReachNote since={bounds.since} />
          <table className="rows-table" data-testid="users">
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col" className="number">Sessions</th>
                <th scope="col" className="number">Traces</th>
                <th scope="col" className="number">Failed</th>
                <th scope="col" className="number">LLM calls</th>
                <th scope="col" className="number">Tokens</th>
                <th scope="col" className="number">Cost</th>
                <th scope="col" className="number">Last activity</th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <UserRow key={user.user_id} user={user} search={search} />
              ))}
            </tbody>
          </table>
          <More hasMore={rows.hasMore} isLoading={rows.isLoadingMore} onMore={rows.loadMore} end={plural(users.length, "user")} />
        </div>
      )}
    </div>
  );
}

function UserRow({ user, search }: { user: User; search: BoardSearch }): ReactNode {
  const { since, until } = search;
  return (
    <tr>
      <th scope="row">
        <Link to="/users/$userId" params={{ userId: user.user_id }} search={{ since, until }} className="row-link" data-row>
          <span className="question cut">{visible(user.user_id.slice(0, 200))}</span>
        </Link>
      </th>
      <td data-label="Sessions" className="number">{formatCount(user.session_count)}</td>
      <td data-label="Traces" className="number">{formatCount(user.trace_count)}</td>
      <td data-label="Failed" className={`number ${user.failed_count > 0 ? "error-text" : ""}`}>
        {formatCount(user.failed_count)} ({share(user.failed_count, user.trace_count)})
      </td>
      <td data-label="LLM calls" className="number">{formatCount(user.llm_call_count)}</td>
      <td data-label="Tokens" className="number">{formatCount(user.usage.total_tokens ?? 0)}</td>
      <td data-label="Cost" className="number">
        <Money cost={user.cost} />
      </td>
      <td data-label="Last activity" className="number">
        <time className="muted" title={formatExactTime(user.last_time_unix_nano)}>
          {formatTime(user.last_time_unix_nano)}
        </time>
      </td>
    </tr>
  );
}
