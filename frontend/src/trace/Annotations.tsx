import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { api } from "../api/client";
import type { Annotation, Span } from "../api/types.gen";
import { visible } from "../format/text";
import { details, ownThumb, SOURCE, THUMB, verdict } from "../model/annotations";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";

/** What is said of a span as quiet chips, and a way to say something: a thumb, a note. */
export function Annotations({ span }: { span: Span }): ReactNode {
  const [writing, setWriting] = useState<string | null>(null);
  const client = useQueryClient();
  const say = useMutation({
    mutationFn: (job: () => Promise<unknown>) => job(),
    onSuccess: () => client.invalidateQueries({ queryKey: ["trace", span.trace_id] }),
    onError: (error) => toast(`Not saved: ${error.message}`),
  });
  const thumb = ownThumb(span.annotations);

  const give = (score: number): void => {
    say.mutate(() => {
      if (!thumb) return api.annotate(span.trace_id, span.span_id, { key: THUMB, score, source: SOURCE });
      // The same thumb again takes it back.
      if (thumb.score === score) return api.deleteAnnotation(thumb.annotation_id);
      return api.changeAnnotation(thumb.annotation_id, { score });
    });
  };
  const write = (event: FormEvent): void => {
    event.preventDefault();
    const comment = writing?.trim();
    setWriting(null);
    if (comment) say.mutate(() => api.annotate(span.trace_id, span.span_id, { key: "note", comment, source: SOURCE }));
  };

  return (
    <div className="annotations" role="group" aria-label="Annotations">
      <span className="annotate">
        <Thumb score={1} given={thumb?.score} busy={say.isPending} onGive={give} />
        <Thumb score={0} given={thumb?.score} busy={say.isPending} onGive={give} />
        <button
          type="button"
          className="button-quiet"
          title="Write a note"
          aria-label="Write a note"
          aria-expanded={writing !== null}
          onClick={() => setWriting(writing === null ? "" : null)}
        >
          <Icon name="note" />
        </button>
      </span>
      {span.annotations.filter((one) => one !== thumb).map((one) => <Chip key={one.annotation_id} annotation={one} />)}
      {writing !== null && (
        <form onSubmit={write}>
          <input
            autoFocus
            aria-label="Note"
            placeholder="What is to be said of this span"
            maxLength={20_000}
            value={writing}
            onChange={(event) => setWriting(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setWriting(null)}
          />
          <button type="submit" className="button" disabled={!writing.trim()}>
            Save
          </button>
        </form>
      )}
    </div>
  );
}

interface ThumbProps {
  score: 0 | 1;
  given: number | null | undefined;
  busy: boolean;
  onGive: (score: number) => void;
}

function Thumb({ score, given, busy, onGive }: ThumbProps): ReactNode {
  const word = score ? "Good" : "Bad";
  return (
    <button
      type="button"
      className="button-quiet"
      title={word}
      aria-label={word}
      aria-pressed={given === score}
      disabled={busy}
      onClick={() => onGive(score)}
    >
      <Icon name={score ? "good" : "bad"} />
    </button>
  );
}

function Chip({ annotation }: { annotation: Annotation }): ReactNode {
  const said = verdict(annotation) || annotation.comment || "";
  const more = details(annotation);
  return (
    <span className="tag" title={visible(more.slice(0, 2000))} data-testid="annotation">
      {visible(annotation.key.slice(0, 60))} <b>{visible(said.slice(0, 60))}</b>
      {more && <span className="hidden-text">{visible(more.slice(0, 2000))}</span>}
    </span>
  );
}
