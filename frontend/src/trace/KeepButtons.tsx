import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { boards } from "../api/boards";
import { api } from "../api/client";
import { queries } from "../api/queries";
import { missingWhy } from "../model/storeNotice";
import { listSearch } from "../traces/lastList";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";
import { useKeys } from "../ui/useKeys";
import { EraseDialog } from "./EraseDialog";

/** Keep the trace for good, or erase it now. Where keys are asked, both need one of an administrator. */
export function KeepButtons({ traceId }: { traceId: string }): ReactNode {
  const { data: login } = useQuery(queries.login());
  if (!login || (login.required && !login.scopes.includes("admin"))) return null;
  return <Buttons traceId={traceId} />;
}

function Buttons({ traceId }: { traceId: string }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const { data } = useQuery(queries.pins());
  const { data: store } = useQuery(boards.store());
  const canErase = store !== undefined && missingWhy(store, "erase") === null;
  const keepsAll = store === undefined || missingWhy(store, "retention") === null;
  const pinned = data?.pins.some((pin) => pin.trace_id === traceId) ?? false;
  const change = useMutation({
    mutationFn: () => (pinned ? api.unpin(traceId) : api.pin(traceId)),
    onSuccess: () => toast(pinned ? "Goes with its age again" : keepsAll ? "Kept for good" : "Kept of what was read; Tempo lets it go by its own retention"),
    onError: (error) => toast(error.message),
    onSettled: () => client.invalidateQueries({ queryKey: ["pins"] }),
  });
  useKeys({ pin: () => change.mutate() });
  const gone = (): void => {
    client.removeQueries({ queryKey: ["trace", traceId] });
    void client.invalidateQueries();
    void navigate({ to: "/", search: listSearch() });
  };
  return (
    <>
      <button
        type="button"
        className="button-quiet"
        aria-label="Pin"
        aria-pressed={pinned}
        disabled={data === undefined || change.isPending}
        title={pinned ? "Pinned: kept whatever its age. Press to let it go with its age again (P)." : "Keep this trace whatever its age (P)"}
        onClick={() => change.mutate()}
      >
        <Icon name="pin" />
      </button>
      {canErase && (
        <button type="button" className="button-quiet" aria-label="Erase" title="Erase this trace" onClick={() => setAsking(true)}>
          <Icon name="erase" />
        </button>
      )}
      {asking && <EraseDialog traceId={traceId} pinned={pinned} onClose={() => setAsking(false)} onGone={gone} />}
    </>
  );
}
