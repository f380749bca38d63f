import type { ReactNode } from "react";
import { formatDuration } from "../format/duration";
import { elapsed } from "../model/running";
import { useNow } from "./useNow";

interface Props {
  start: string;
  duration: string | null;
  running: boolean;
}

/** How long something took; while it runs, how long it has been running by this clock. */
export function Took({ start, duration, running }: Props): ReactNode {
  const now = useNow(running);
  if (now === undefined) return formatDuration(duration);
  return <span title="Still running">{formatDuration(elapsed(start, now, duration))} …</span>;
}
