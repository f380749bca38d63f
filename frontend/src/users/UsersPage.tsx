import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import { usersPage } from "../api/boards";
import type { User } from "../api/types.gen";
import { RowsPage } from "../board/RowsPage";
import { TotalCells, TOTALS } from "../board/TotalCells";
import { useBoard } from "../board/useBoard";
import { useRows } from "../board/useRows";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { share } from "../model/delta";
import type { BoardSearch } from "../model/window";

const PAGE = 50;
const HOW = `# OpenTelemetry: an attribute of any span of the trace
span.set_attribute("user.id", user_id)

# LangSmith: metadata of the run
chain.invoke(question, config={"metadata": {"user_id": user_id}})`;
const BLANK = {
  title: "No trace names a user",
  text: "Who asked is shown here, with what it cost. Name them where the service runs:",
  code: HOW,
};

const route = getRouteApi("/users");

/** Who asked: the users of the traces in the range, the one that was active last first. */
export function UsersPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/users" });
  const { chosen, bounds } = useBoard(search);
  const rows = useRows(["users", chosen], (cursor, signal) => usersPage({ ...chosen, limit: PAGE, cursor }, signal));
  const change = useCallback(
    (part: BoardSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  const users = rows.pages?.flatMap((page) => page.users);
  return (
    <RowsPage
      title="Users"
      noun="user"
      search={search}
      onChange={change}
      rows={rows}
      count={users?.length}
      words={["User"]}
      numbers={["Sessions", "Traces", "Failed", ...TOTALS]}
      blank={BLANK}
      since={bounds.since}
    >
      {users?.map((user) => <UserRow key={user.user_id} user={user} search={search} />)}
    </RowsPage>
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
      <TotalCells of={user} />
    </tr>
  );
}
