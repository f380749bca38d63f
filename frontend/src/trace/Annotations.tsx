import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api } from "../api/client";
import type { Annotation } from "../api/types.gen";
import { visible } from "../format/text";
import { details, markOf, ownThumb, SOURCE, TAG, THUMB, verdict } from "../model/annotations";
import { Icon } from "../ui/Icon";
import { toast } from "../ui/toast";
import { MarkForm, NoteForm } from "./AnnotationForms";

interface Props {
  traceId: string;
  /** null: the whole trace. */
  spanId: string | null;
  annotations: readonly Annotation[];
}

type Open = "note" | "mark" | Annotation | null;

/** What is said of a span or a trace as quiet chips, and ways to say something: a thumb, a note, a tag, a score. */
export function Annotations({ traceId, spanId, annotations }: Props): ReactNode {
  const [open, setOpen] = useState<Open>(null);
  const client = useQueryClient();
  const say = useMutation({
    mutationFn: (job: () => Promise<unknown>) => job(),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["trace", traceId] }),
        client.invalidateQueries({ queryKey: ["annotations"] }),
      ]),
    onError: (error) => toast(`Not saved: ${error.message}`),
  });
  const thumb = ownThumb(annotations);
  const give = (score: number): void => {
    say.mutate(() => {
      if (!thumb) return api.annotate(traceId, spanId, { key: THUMB, score, source: SOURCE });
      // The same thumb again takes it back.
      if (thumb.score === score) return api.deleteAnnotation(thumb.annotation_id);
      return api.changeAnnotation(thumb.annotation_id, { score });
    });
  };
  const changed = typeof open === "object" ? open : null;
  const saveNote = (comment: string): void => {
    setOpen(null);
    if (changed) say.mutate(() => api.changeAnnotation(changed.annotation_id, { comment: comment || null }));
    else if (comment) say.mutate(() => api.annotate(traceId, spanId, { key: "note", comment, source: SOURCE }));
  };
  const saveMark = (text: string): void => {
    const mark = markOf(text);
    setOpen(null);
    if (mark) say.mutate(() => api.annotate(traceId, spanId, { ...mark, source: SOURCE }));
  };
  const remove = (): void => {
    setOpen(null);
    if (changed) say.mutate(() => api.deleteAnnotation(changed.annotation_id));
  };
  const toggle = (which: "note" | "mark"): void => setOpen(open === which ? null : which);
  return (
    <div className="annotations" role="group" aria-label={spanId === null ? "Annotations of the trace" : "Annotations"}>
      <span className="annotate">
        <Thumb score={1} given={thumb?.score} busy={say.isPending} onGive={give} />
        <Thumb score={0} given={thumb?.score} busy={say.isPending} onGive={give} />
        <button type="button" className="button-quiet" title="Write a note" aria-label="Write a note" aria-expanded={open === "note"} onClick={() => toggle("note")}>
          <Icon name="note" />
        </button>
        <button type="button" className="button-quiet" title="Add a tag or a score" aria-label="Add a tag or a score" aria-expanded={open === "mark"} onClick={() => toggle("mark")}>
          <Icon name="tag" />
        </button>
      </span>
      {annotations
        .filter((one) => one !== thumb)
        .map((one) => (
          <Chip key={one.annotation_id} annotation={one} open={changed?.annotation_id === one.annotation_id} onOpen={() => setOpen(changed === one ? null : one)} />
        ))}
      {(open === "note" || changed) && (
        <NoteForm
          key={changed?.annotation_id ?? "new"}
          text={changed?.comment ?? ""}
          label={changed ? `Remark of ${changed.key}` : "Note"}
          onSave={saveNote}
          onClose={() => setOpen(null)}
          onDelete={changed ? remove : undefined}
        />
      )}
      {open === "mark" && <MarkForm onSave={saveMark} onClose={() => setOpen(null)} />}
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
    <button type="button" className="button-quiet" title={word} aria-label={word} aria-pressed={given === score} disabled={busy} onClick={() => onGive(score)}>
      <Icon name={score ? "good" : "bad"} />
    </button>
  );
}

/** A chip opens what can be done with it: its remark changed, or all of it deleted. */
function Chip({ annotation, open, onOpen }: { annotation: Annotation; open: boolean; onOpen: () => void }): ReactNode {
  const said = verdict(annotation) || annotation.comment || "";
  const more = details(annotation);
  const isTag = annotation.key === TAG;
  return (
    <button type="button" className="tag" title={visible(more.slice(0, 2000))} aria-expanded={open} data-testid="annotation" onClick={onOpen}>
      {!isTag && <>{visible(annotation.key.slice(0, 60))} </>}
      <b>{visible(said.slice(0, 60))}</b>
      {more && <span className="hidden-text">{visible(more.slice(0, 2000))}</span>}
    </button>
  );
}
