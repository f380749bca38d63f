import type { ReactNode } from "react";
import type { Session, User } from "../api/types.gen";
import { formatCount } from "../format/numbers";
import { formatExactTime, formatTime } from "../format/time";
import { Money } from "./Money";

/** The heads of these cells. */
export const TOTALS = ["LLM calls", "Tokens", "Cost", "Last activity"] as const;

/** What the traces of a group come to, and when the last of them was. */
export function TotalCells({ of }: { of: Pick<Session | User, "llm_call_count" | "usage" | "cost" | "last_time_unix_nano"> }): ReactNode {
  return (
    <>
      <td data-label="LLM calls" className="number">{formatCount(of.llm_call_count)}</td>
      <td data-label="Tokens" className="number">{formatCount(of.usage.total_tokens ?? 0)}</td>
      <td data-label="Cost" className="number">
        <Money cost={of.cost} />
      </td>
      <td data-label="Last activity" className="number">
        <time className="muted" title={formatExactTime(of.last_time_unix_nano)}>
          {formatTime(of.last_time_unix_nano)}
        </time>
      </td>
    </>
  );
}
