import type { ReactNode } from "react";
import { costNote, formatCost } from "../format/cost";
import { formatCount, plural } from "../format/numbers";

interface Cost {
  total_usd: string | null;
  unpriced_calls: number;
}

/** A sum with what it lacks, never `$0` where no price is known; `why` says of the calls without one more than that. */
export function Money({ cost, why }: { cost: Cost; why?: string | undefined }): ReactNode {
  const note = why !== undefined && cost.unpriced_calls > 0 ? `${plural(cost.unpriced_calls, "call")} ${why}.` : costNote(cost);
  return (
    <span title={note ?? undefined} className="money">
      {formatCost(cost.total_usd)}
      {cost.unpriced_calls > 0 && <span className="muted unpriced">{formatCount(cost.unpriced_calls)} unpriced</span>}
    </span>
  );
}
