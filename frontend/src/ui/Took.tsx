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
  return running ? <Counting start={start} known={duration} /> : formatDuration(duration);
}

/** By itself, so that only what runs has a clock. */
function Counting({ start, known }: { start: string; known: string | null }): ReactNode {
  const now = useNow(true) ?? start;
  return <span title="Still running">{formatDuration(elapsed(start, now, known))} …</span>;
}
