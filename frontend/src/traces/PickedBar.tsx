import type { ReactNode } from "react";
import type { TraceSummary } from "../api/types.gen";
import { plainLine, visible } from "../format/text";
import { Icon } from "../ui/Icon";

interface Props {
  traceId: string;
  traces: readonly TraceSummary[];
  onLetGo: () => void;
}

/** One trace is selected; another one makes a comparison. */
export function PickedBar({ traceId, traces, onLetGo }: Props): ReactNode {
  const trace = traces.find((one) => one.trace_id === traceId);
  return (
    <div className="picked-bar" role="status">
      <Icon name="compare" />
      <span className="cut">
        Compare <b>{(trace && (plainLine(trace.input) || visible(trace.name))) ?? traceId.slice(0, 8)}</b> with: press <kbd>x</kbd> on another
        trace
      </span>
      <button type="button" className="button-quiet" aria-label="Let go of the selected trace" onClick={onLetGo}>
        <Icon name="close" />
      </button>
    </div>
  );
}
