import type { ReactNode } from "react";
import type { LensDatabase, SqlEpisode } from "../api/types.gen";
import { visible } from "../format/text";
import { Icon } from "../ui/Icon";
import { LongText } from "../ui/LongText";
import { Markdown } from "../ui/Markdown";
import { StepCells } from "./StepCells";
import { SpanButton } from "./SpanButton";

interface Props {
  episode: SqlEpisode;
  traceId: string;
  database: LensDatabase;
  onSpan: (spanId: string) => void;
}

/** One question: its text at the left, a row each statement, the answer at the right. */
export function EpisodeCard({ episode, traceId, database, onSpan }: Props): ReactNode {
  const { question, answer, steps } = episode;
  return (
    <article className="episode" data-testid="episode">
      <section className="episode-question" aria-label="Question">
        <header>
          <h2>Question</h2>
          {question && <SpanButton spanId={question.span_id} onSpan={onSpan} />}
        </header>
        {question ? (
          <LongText text={question.text}>{(shown) => <p className="words lens-question">{visible(shown)}</p>}</LongText>
        ) : (
          <p className="muted">The question was not captured.</p>
        )}
      </section>
      <ol className="episode-steps">
        {steps.map((step, index) => (
          <li key={`${step.span_id} ${index}`} className="lens-step" data-testid="lens-step">
            {steps.length > 1 && (
              <p className="lens-attempt muted">
                Statement {index + 1} of {steps.length}
              </p>
            )}
            <StepCells step={step} traceId={traceId} database={database} onSpan={onSpan} />
          </li>
        ))}
      </ol>
      <section className="episode-answer" aria-label="Answer" data-unfounded={episode.is_unfounded}>
        <header>
          <h2>Answer</h2>
          {answer && <SpanButton spanId={answer.span_id} onSpan={onSpan} />}
        </header>
        {episode.is_unfounded && (
          <p className="lens-mark warning" role="note">
            <Icon name="warning" /> The SQL returned nothing, and the answer does not say so.
          </p>
        )}
        {answer ? <LongText text={answer.text}>{(shown) => <Markdown text={shown} />}</LongText> : <p className="muted">No answer was captured.</p>}
      </section>
    </article>
  );
}
