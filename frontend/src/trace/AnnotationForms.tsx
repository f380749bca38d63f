import { useQuery } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { annotationWords } from "../api/annotations";
import { THUMB } from "../model/annotations";
import { takeFocus } from "../ui/takeFocus";

interface NoteProps {
  text: string;
  label: string;
  onSave: (text: string) => void;
  onClose: () => void;
  onDelete: (() => void) | undefined;
}

export function NoteForm({ text, label, onSave, onClose, onDelete }: NoteProps): ReactNode {
  const [draft, setDraft] = useState(text);
  return (
    <form onSubmit={(event) => sent(event, () => onSave(draft.trim()))}>
      <input
        ref={takeFocus}
        aria-label={label}
        placeholder="What is to be said"
        maxLength={20_000}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      <button type="submit" className="button" disabled={onDelete ? draft.trim() === text : !draft.trim()}>
        Save
      </button>
      {onDelete && (
        <button type="button" className="button" onClick={onDelete}>
          Delete
        </button>
      )}
    </form>
  );
}

/** A tag, or a score as `key=number`; what was used before is offered. */
export function MarkForm({ onSave, onClose }: { onSave: (text: string) => void; onClose: () => void }): ReactNode {
  const [draft, setDraft] = useState("");
  const list = useId();
  const known = useQuery({ queryKey: ["annotations", "words"], queryFn: ({ signal }) => annotationWords(signal) });
  const offered = (known.data?.words ?? []).filter((word) => word.key !== THUMB && word.key !== "note").map((word) => word.tag ?? `${word.key}=`);
  return (
    <form onSubmit={(event) => sent(event, () => onSave(draft))}>
      <input
        ref={takeFocus}
        aria-label="Tag or score"
        placeholder="a tag, or quality=0.8"
        maxLength={1000}
        list={list}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      <datalist id={list}>
        {[...new Set(offered)].map((word) => (
          <option key={word} value={word} />
        ))}
      </datalist>
      <button type="submit" className="button" disabled={!draft.trim()}>
        Add
      </button>
    </form>
  );
}

function sent(event: FormEvent, act: () => void): void {
  event.preventDefault();
  act();
}
