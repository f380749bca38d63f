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
  return whole === null ? null : <PartNote said="These figures are of the traces" whole={String(whole)} fromStart={since !== undefined} />;
}

/** Which part of a range figures are of, while the rest of it is read. */
export function PartNote({ said, whole, fromStart }: { said: string; whole: string; fromStart: boolean }): ReactNode {
  return (
    <p className="muted reach" data-testid="reach">
      {said} since {formatTime(whole)}.{" "}
      {fromStart ? "What came before is being read, and shows here by itself." : "Where no start is chosen, the last seven days are read."}
    </p>
  );
}
