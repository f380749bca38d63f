import type { ReactNode } from "react";
import { visible } from "../format/text";
import { rangeLabel, type RangeName } from "../model/range";

interface Props {
  q: string;
  range: RangeName | undefined;
  onClear: () => void;
}

/** Nothing matches; traces there may be. */
export function EmptyList({ q, range, onClear }: Props): ReactNode {
  return (
    <div className="blank">
      <h2>No trace matches</h2>
      <p className="muted">
        {q && <code>{visible(q)}</code>} {range && rangeLabel(range).toLowerCase()}
      </p>
      <button type="button" className="button" onClick={onClear}>
        Show all traces
      </button>
    </div>
  );
}
