import type { ReactNode } from "react";
import { ApiFailure } from "../api/client";
import { visible } from "../format/text";
import { Icon } from "./Icon";

/** An error in place: the server's words, what to do, and a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactNode {
  const hint = error instanceof ApiFailure ? error.hint : null;
  return (
    <div className="failure" role="alert">
      <Icon name="warning" />
      <div>
        <p>{visible(error instanceof Error ? error.message : String(error))}</p>
        {hint && <p className="muted">{visible(hint)}</p>}
      </div>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey rows while waiting; invisible for the first 300 ms, so that quick answers do not flicker. */
export function Skeleton({ rows, tall = false }: { rows: number; tall?: boolean }): ReactNode {
  return (
    <div className={`skeleton ${tall ? "tall" : ""}`} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="skeleton-row" />
      ))}
    </div>
  );
}
