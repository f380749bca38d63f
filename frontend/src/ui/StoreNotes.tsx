import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import { formatTime } from "../format/time";
import { lagOf } from "../model/storeNotice";
import { useReach } from "./useReach";

/** How far a list is behind; nothing where it is not. */
export function LagNote(): ReactNode {
  const { data } = useQuery(boards.store());
  const lag = data ? lagOf(data) : null;
  return lag === null ? null : <span data-testid="lag">. {lag}</span>;
}

/** Since when figures rest on every trace, where the range began before it. */
export function ReachNote({ since }: { since: bigint | undefined }): ReactNode {
  const whole = useReach(since);
  if (whole === null) return null;
  return (
    <p className="muted reach" data-testid="reach">
      These figures are of the traces since {formatTime(String(whole))}. What came before is being read, and shows here by itself.
    </p>
  );
}
