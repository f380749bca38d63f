import type { ReactNode } from "react";
import type { Span, SpanEvent } from "../../api/types.gen";
import { formatDuration } from "../../format/duration";
import { visible } from "../../format/text";
import { formatExactTime, nsBetween } from "../../format/time";
import { JsonTree, PlainText } from "../../ui/JsonTree";

export function Events({ span }: { span: Span }): ReactNode {
  return (
    <>
      <ol className="events">
        {span.events.map((event, index) => (
          <li key={index}>
            <header>
              <span className="number muted" title={formatExactTime(event.time_unix_nano)}>
                +{formatDuration(Math.max(0, nsBetween(span.start_time_unix_nano, event.time_unix_nano)))}
              </span>
              <b className={event.name === "exception" ? "error-text" : ""}>{visible(event.name.slice(0, 200))}</b>
            </header>
            <EventBody event={event} />
          </li>
        ))}
      </ol>
    </>
  );
}

function EventBody({ event }: { event: SpanEvent }): ReactNode {
  const { "exception.stacktrace": stack, ...others } = event.attributes;
  return (
    <>
      {Object.keys(others).length > 0 && <JsonTree value={others} />}
      {typeof stack === "string" && <PlainText text={stack} />}
    </>
  );
}
