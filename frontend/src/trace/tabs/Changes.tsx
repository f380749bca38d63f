import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queries } from "../../api/queries";
import type { CallChanges, PromptChanges, Span } from "../../api/types.gen";
import { formatBytes, formatCount, plural } from "../../format/numbers";
import { visible } from "../../format/text";
import { formatTime } from "../../format/time";
import { addedMessages, cacheTone, firstWords, lastLine, sharedPercent } from "../../model/changes";
import { Icon } from "../../ui/Icon";
import { Failure, Skeleton } from "../../ui/Notice";
import { MessageCard } from "./MessageCard";

/** A model call against the previous one of its conversation: only what is not shared. */
export function Changes({ span }: { span: Span }): ReactNode {
  const found = useQuery(queries.changes(span.trace_id, span.span_id));
  if (found.error) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={5} />;
  const { previous, changes, considered } = found.data;
  if (!previous || !changes) {
    return (
      <p className="muted">
        {considered === 0
          ? "No earlier call of this trace or its session is here, so there is nothing to compare with."
          : `None of the ${formatCount(considered)} earlier calls of this trace and its session begins like this one: a conversation starts here.`}
      </p>
    );
  }
  return (
    <div className="changes">
      <Against previous={previous} considered={considered} />
      <Shared changes={changes} />
      <Messages changes={changes} />
    </div>
  );
}

function Against({ previous, considered }: { previous: NonNullable<CallChanges["previous"]>; considered: number }): ReactNode {
  return (
    <p className="facts">
      <span className="muted">Against </span>
      <Link to="/traces/$traceId" params={{ traceId: previous.trace_id }} search={{ span: previous.span_id }}>
        {visible(previous.name.slice(0, 120))}
      </Link>
      <span className="muted">
        {" "}
        at {formatTime(previous.start_time_unix_nano)}, {previous.is_same_trace ? "in this trace" : "in an earlier trace of the session"}: of{" "}
        {plural(considered, "earlier call")} the one that shares most of its prompt.
      </span>
    </p>
  );
}

function Shared({ changes }: { changes: PromptChanges }): ReactNode {
  const percent = sharedPercent(changes.shared_bytes, changes.prompt_bytes);
  const { cache, first_difference: difference } = changes;
  return (
    <section className="changes-shared">
      <div>
        <meter min={0} max={100} value={percent} aria-label="Shared with the previous prompt" />
        <p>
          <b>{percent} %</b> of this prompt is shared: {formatBytes(changes.shared_bytes)} of {formatBytes(changes.prompt_bytes)},{" "}
          {plural(changes.shared_messages, "whole message")}. The previous one had {formatBytes(changes.previous_bytes)}.
        </p>
      </div>
      <p className={`lens-mark ${cacheTone(cache.verdict)}`} data-verdict={cache.verdict}>
        <Icon name={cache.verdict === "kept" ? "ok" : cache.verdict === "broken" || cache.verdict === "missed" ? "warning" : "note"} />
        {visible(cache.words)}
      </p>
      {changes.model_changed && <p className="muted">The model is another one.</p>}
      {changes.tools_changed === true && <p className="muted">The tools it was offered are others.</p>}
      {difference && (
        <figure className="code first-difference">
          <figcaption>
            <span className="muted">
              First difference: byte {formatCount(difference.byte)}, message {difference.message + 1} ({visible(difference.role)})
            </span>
          </figcaption>
          <pre tabIndex={0}>
            <span className="muted">…{visible(lastLine(difference.shared_tail))}</span>
            <del>{visible(firstWords(difference.before))}</del>
            {"\n"}
            <span className="muted">…{visible(lastLine(difference.shared_tail))}</span>
            <ins>{visible(firstWords(difference.now))}</ins>
          </pre>
        </figure>
      )}
    </section>
  );
}

function Messages({ changes }: { changes: PromptChanges }): ReactNode {
  const added = addedMessages(changes.added);
  const removed = addedMessages(changes.removed);
  return (
    <>
      <section className="changes-list" aria-label="Added messages">
        <h3>{added.length === 0 ? "Nothing was added" : `Added: ${plural(added.length, "message")}`}</h3>
        {changes.answer_was_kept && <p className="muted">The first one is the previous call's answer: the conversation went on from there.</p>}
        {added.map((message, index) => (
          <div key={index} className="change-added">
            <MessageCard message={message} />
          </div>
        ))}
      </section>
      {removed.length > 0 && (
        <section className="changes-list" aria-label="Messages that are gone">
          <h3>Gone: {plural(removed.length, "message")}</h3>
          {removed.map((message, index) => (
            <div key={index} className="change-gone">
              <MessageCard message={message} />
            </div>
          ))}
        </section>
      )}
    </>
  );
}
