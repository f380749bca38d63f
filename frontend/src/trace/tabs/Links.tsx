import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { LinkedSpan, Span } from "../../api/types.gen";
import { visible } from "../../format/text";
import { formatTime } from "../../format/time";
import { JsonTree } from "../../ui/JsonTree";
import { KindIcon } from "../../ui/Icon";

interface Props {
  span: Span;
  /** Spans of any trace that link to this one. */
  from: readonly LinkedSpan[];
}

/** Where a span links to, and what links to it. */
export function Links({ span, from }: Props): ReactNode {
  return (
    <>
      <section className="value">
        <h3>To {span.links.length === 0 && <span className="muted">· none</span>}</h3>
        <ul className="links">
          {span.links.map((link, index) => (
            <li key={index}>
              <Link to="/traces/$traceId" params={{ traceId: link.trace_id }} search={{ span: link.span_id }}>
                {link.trace_id === span.trace_id ? "a span of this trace" : "a span of another trace"}
              </Link>
              <code className="muted">
                {link.trace_id} / {link.span_id}
              </code>
              {Object.keys(link.attributes).length > 0 && <JsonTree value={link.attributes} />}
            </li>
          ))}
        </ul>
      </section>
      <section className="value">
        <h3>From {from.length === 0 && <span className="muted">· none that is stored</span>}</h3>
        <ul className="links">
          {from.map((link) => (
            <li key={`${link.trace_id}${link.span_id}`}>
              <Link to="/traces/$traceId" params={{ traceId: link.trace_id }} search={{ span: link.span_id }}>
                <KindIcon kind={link.kind as Span["kind"]} /> {visible(link.name.slice(0, 200))}
              </Link>
              <span className="muted">
                {visible(link.service.slice(0, 60))} · {formatTime(link.start_time_unix_nano)}
              </span>
              {Object.keys(link.attributes).length > 0 && <JsonTree value={link.attributes} />}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
