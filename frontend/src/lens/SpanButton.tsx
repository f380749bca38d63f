import type { ReactNode } from "react";
import { Icon } from "../ui/Icon";

/** Leads to the span that a text was taken from. */
export function SpanButton({ spanId, onSpan }: { spanId: string; onSpan: (spanId: string) => void }): ReactNode {
  return (
    <button type="button" className="button-quiet" title="Show the span it comes from" aria-label="Show the span it comes from" onClick={() => onSpan(spanId)}>
      <Icon name="client" />
    </button>
  );
}
