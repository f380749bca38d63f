import { useMemo, type ReactNode } from "react";
import type { Span } from "../../api/types.gen";
import { Copy } from "../../ui/Copy";
import { PlainText } from "../../ui/JsonTree";

/** The span as the API gives it. */
export function Raw({ span }: { span: Span }): ReactNode {
  const text = useMemo(() => JSON.stringify(span, null, 2), [span]);
  return (
    <figure className="code raw">
      <figcaption>
        <a href={`/api/v1/traces/${span.trace_id}/spans/${span.span_id}`} target="_blank" rel="noopener noreferrer">
          JSON from the API
        </a>
        <Copy text={text} label="Copy the JSON" />
      </figcaption>
      <PlainText text={text} />
    </figure>
  );
}
