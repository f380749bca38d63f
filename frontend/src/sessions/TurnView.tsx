import { Link } from "@tanstack/react-router";
import { memo, useState, type ReactNode } from "react";
import type { Turn, TurnText } from "../api/types.gen";
import { Money } from "../board/Money";
import { formatDuration } from "../format/duration";
import { formatCount, formatTokens, plural } from "../format/numbers";
import { openJson, visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { isStatement } from "../model/statement";
import { Icon, Status } from "../ui/Icon";
import { JsonTree } from "../ui/JsonTree";
import { LongText } from "../ui/LongText";
import { Markdown } from "../ui/Markdown";
import { Sql } from "../ui/Sql";
import { Steps } from "./Steps";

/** One trace of the conversation: what was asked, what came out, and between them the steps, folded. */
export const TurnView = memo(function TurnView({ turn }: { turn: Turn }): ReactNode {
  const { trace, question, answer } = turn;
  const [open, setOpen] = useState(false);
  return (
    <li className="turn" data-testid="turn">
      <article className="spoken spoken-user">
        <header className="muted">
          <b>{trace.user_id ? visible(trace.user_id.slice(0, 100)) : "user"}</b>
          <time title={formatExactTime(trace.start_time_unix_nano)}>{formatTime(trace.start_time_unix_nano)}</time>
        </header>
        {question ? (
          <LongText text={question.text}>
            {(shown) => (
              <div className="words" dir="auto" data-testid="turn-question">
                {visible(shown)}
              </div>
            )}
          </LongText>
        ) : (
          <p className="muted">The question was not captured. {visible(trace.name)}</p>
        )}
        <Cut text={question} traceId={trace.trace_id} />
      </article>
      <div className="turn-steps">
        <button type="button" className="button-quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="chevron" className={open ? "turned" : ""} />
          {trace.llm_call_count > 0 ? `${plural(trace.llm_call_count, "LLM call")} · ` : ""}
          {plural(trace.span_count, "span")}
          {trace.error_count > 0 && <span className="error-text"> · {plural(trace.error_count, "failing span")}</span>}
        </button>
        {open && <Steps traceId={trace.trace_id} />}
      </div>
      <article className={`spoken spoken-answer ${trace.status === "error" ? "spoken-error" : ""}`}>
        <Answer turn={turn} />
        <Cut text={answer} traceId={trace.trace_id} />
        <footer>
          <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} search={{}} className="trace-chip" data-row data-testid="trace-chip">
            <Status status={trace.status} quiet />
            <span className="mono">{trace.trace_id.slice(0, 8)}</span>
          </Link>
          <span className="muted">{formatDuration(trace.duration_ns)}</span>
          <span className="muted">{formatTokens(trace.usage.total_tokens)}</span>
          <span className="muted">
            <Money cost={trace.cost} />
          </span>
          <span className="muted cut">{trace.models.map(visible).join(", ")}</span>
        </footer>
      </article>
    </li>
  );
});

function Answer({ turn: { trace, answer } }: { turn: Turn }): ReactNode {
  if (trace.status === "error") {
    return (
      <p className="error-text" data-testid="turn-answer">
        <Icon name="error" /> {visible(answer?.text ?? "failed")}
      </p>
    );
  }
  if (!answer) return <p className="muted">{trace.status === "running" ? "Still running." : "The answer was not captured."}</p>;
  return (
    <div data-testid="turn-answer">
      <Said text={answer.text} />
    </div>
  );
}

function Said({ text }: { text: string }): ReactNode {
  if (isStatement(text)) return <Sql text={text} />;
  const opened = openJson(text);
  if (typeof opened === "object") return <JsonTree value={opened} />;
  return <LongText text={text}>{(shown) => <Markdown text={shown} />}</LongText>;
}

function Cut({ text, traceId }: { text: TurnText | null; traceId: string }): ReactNode {
  if (!text || text.length <= text.text.length) return null;
  return (
    <p className="muted">
      The first {formatCount(text.text.length)} of {formatCount(text.length)} characters; the whole is in{" "}
      <Link to="/traces/$traceId" params={{ traceId }} search={{}}>
        the trace
      </Link>
      .
    </p>
  );
}
