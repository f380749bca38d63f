import { useMemo, useState, type ReactNode } from "react";
import type { Span } from "../../api/types.gen";
import { plural } from "../../format/numbers";
import { conversationOf } from "../../model/messages";
import { Code } from "../../ui/Code";
import { toolPairs } from "../../model/toolPairs";
import { MessageCard } from "./MessageCard";

/** Up to here all messages show; of a longer conversation the last ones, the answer among them. */
const AT_ONCE = 30;
const LAST = 6;

export function Conversation({ span }: { span: Span }): ReactNode {
  const messages = useMemo(() => conversationOf(span), [span]);
  const pairs = useMemo(() => toolPairs(messages), [messages]);
  const [all, setAll] = useState(false);
  if (messages.length === 0) return <NoContent span={span} />;
  const hidden = all || messages.length <= AT_ONCE ? 0 : messages.length - LAST;
  return (
    <div className="conversation">
      {hidden > 0 && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show {plural(hidden, "earlier message")}
        </button>
      )}
      {messages.slice(hidden).map((message, index) => (
        <MessageCard key={hidden + index} message={message} pairs={pairs} place={hidden + index} />
      ))}
      {span.duration_ns === null && <p className="muted">The call still runs; the answer shows when it ends.</p>}
      {span.duration_ns !== null && !span.output_messages && span.status !== "error" && (
        <p className="muted">No answer was captured for this call.</p>
      )}
    </div>
  );
}

function NoContent({ span }: { span: Span }): ReactNode {
  if (span.duration_ns === null) return <p className="muted">The call still runs; its messages show when it ends.</p>;
  const elsewhere = span.input !== null || span.output !== null;
  return (
    <div className="no-content">
      <h3>Messages were not captured</h3>
      <p>
        {elsewhere
          ? "This call came without messages; what was sent instead is under Input / output."
          : "OpenTelemetry's instrumentations leave prompts and answers out unless told otherwise. Set this where the service runs, and the next call shows them:"}
      </p>
      {!elsewhere && <Code label="Environment" text="OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY" />}
      {!elsewhere && (
        <p className="muted">
          Older instrumentations take the value <code>true</code>. <code>llm_tracing.configure()</code> sets it for you.
        </p>
      )}
    </div>
  );
}
