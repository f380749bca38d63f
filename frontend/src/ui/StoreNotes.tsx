import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import { formatTime } from "../format/time";
import { lagOf, shortOf } from "../model/storeNotice";

/** How far a list is behind; nothing where it is not. */
export function LagNote(): ReactNode {
  const { data } = useQuery(boards.store());
  const lag = data ? lagOf(data) : null;
  return lag === null ? null : <span data-testid="lag">. {lag}</span>;
}

/** Since when figures rest on every trace, where the range began before it. */
export function ReachNote({ since }: { since: bigint | undefined }): ReactNode {
  const { data } = useQuery({ ...boards.store(), refetchOnMount: "always" }); // what is shown now may have brought more
  const whole = shortOf(data, since);
  if (whole === null) return null;
  return (
    <p className="muted" data-testid="reach">
      These figures rest on every trace since {formatTime(String(whole))}, and on those read of the time before.
    </p>
  );
}
