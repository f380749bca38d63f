import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useRef, type ReactNode } from "react";
import { boards } from "../api/boards";
import { ApiFailure } from "../api/client";
import { BoardBar } from "../board/BoardBar";
import { useBoard } from "../board/useBoard";
import { useRowKeys } from "../board/useRowKeys";
import { NothingYet } from "../dashboard/NothingYet";
import { plural } from "../format/numbers";
import type { BoardSearch } from "../model/window";
import { Failure, Skeleton } from "../ui/Notice";
import { ReachNote } from "../ui/StoreNotes";
import { useTitle } from "../ui/useTitle";
import { ModelsTable } from "./ModelsTable";

const route = getRouteApi("/models");

/** The models that were called: how often, how fast, how many tokens, what it cost and at which price. */
export function ModelsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/models" });
  const input = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const board = useBoard(search);
  const found = useQuery(boards.models(board.chosen));
  const change = useCallback(
    (part: BoardSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  useTitle("Models");
  useRowKeys(area);
  const models = found.data?.models;
  const refused = found.error instanceof ApiFailure && found.error.status === 400;
  const unpriced = models?.filter((model) => model.prices === null).length ?? 0;
  return (
    <div className="board">
      <BoardBar title="Models" search={search} error={found.error} inputRef={input} onChange={change} />
      {found.isPending && <Skeleton rows={8} tall />}
      {found.error && !models && !refused && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      {models?.length === 0 && <NothingYet search={search} onChange={change} />}
      {models && models.length > 0 && (
        <div className="board-body" ref={area} data-old={found.isPlaceholderData}>
          <ReachNote since={board.bounds.since} />
          <ModelsTable models={models} q={search.q} bounds={board.bounds} />
          <p className="list-end muted">
            {plural(models.length, "model")}
            {unpriced > 0 && (
              <>
                ; no price is known for {unpriced} of them. <Link to="/settings">Where prices are from</Link>
              </>
            )}
          </p>
        </div>
      )}
    </div>
  );
}
