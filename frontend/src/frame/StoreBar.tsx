import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import { visible } from "../format/text";
import { troublesOf } from "../model/storeNotice";
import { Icon } from "../ui/Icon";

/** Why nothing new is kept, and which of Tempo, Loki and Prometheus fails, with what to do; nothing while all is well. */
export function StoreBar(): ReactNode {
  const { data, refetch, isFetching } = useQuery(boards.store());
  const troubles = data ? troublesOf(data) : [];
  if (troubles.length === 0) return null;
  return (
    <div className="server-bar store-bar" role="status" data-testid="store-bar">
      <Icon name="warning" />
      <ul>
        {troubles.map((one) => (
          <li key={one.key}>
            <strong>{visible(one.said)}</strong> <span>{one.means}</span> {one.hint !== null && <span>{visible(one.hint)}</span>}
          </li>
        ))}
      </ul>
      <button type="button" className="button" disabled={isFetching} onClick={() => void refetch()}>
        Look again
      </button>
    </div>
  );
}
