import type { ReactNode } from "react";
import { visible } from "../format/text";
import { formatTime } from "../format/time";
import { windowLabel, type BoardSearch } from "../model/window";

interface Props {
  q: string;
  range: BoardSearch;
  onClear: () => void;
}

/** Nothing matches; traces there may be. */
export function EmptyList({ q, range, onClear }: Props): ReactNode {
  return (
    <div className="blank">
      <h2>No trace matches</h2>
      <p className="muted">
        {q && <code>{visible(q)}</code>} {windowLabel(range, (ns) => formatTime(ns)).toLowerCase()}
      </p>
      <button type="button" className="button" onClick={onClear}>
        Show all traces
      </button>
    </div>
  );
}
