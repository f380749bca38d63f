import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { ApiFailure, Unreachable } from "../api/client";
import { visible } from "../format/text";
import { isHalf, take, wrongPart } from "../model/suggest";
import { Icon } from "../ui/Icon";
import { SuggestionList } from "./SuggestionList";
import { useSuggestions } from "./useSuggestions";

/** Typing is followed after a pause; Enter is followed at once, and kept for Back. */
const PAUSE_MS = 350;
const TRACES_EXAMPLE = "words, status:error, model:gpt-4o*, attr.http.route:/ask";

interface Props {
  inputRef: RefObject<HTMLInputElement | null>;
  q: string;
  of: "traces" | "spans" | "logs";
  since: string | undefined;
  until: string | undefined;
  error: Error | null;
  /** An example of what can be asked for. */
  placeholder?: string;
  onQuery: (text: string, replace: boolean) => void;
}

/** The filter: offers what could come next, and underlines what the server cannot read. */
export function FilterBox({ inputRef, q, of, since, until, error, placeholder = TRACES_EXAMPLE, onQuery }: Props): ReactNode {
  const id = useId();
  const [draft, setDraft] = useState(q);
  const [cursor, setCursor] = useState(q.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const sent = useRef(q);
  const offers = useSuggestions({ of, q: draft, since, until }, cursor, open);
  const shown = open && offers.suggestions.length > 0;

  useEffect(() => {
    // Changed from elsewhere (a facet, Back): the box follows. Our own words coming back leave the typing alone.
    if (q !== sent.current) {
      sent.current = q;
      setDraft(q);
    }
  }, [q]);
  const send = (text: string, replace: boolean): void => {
    const trimmed = text.trim();
    if (trimmed === sent.current) return;
    sent.current = trimmed;
    onQuery(trimmed, replace);
  };
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  useEffect(() => {
    if (isHalf(draft)) return undefined;
    const timer = setTimeout(() => latest.current(draft, true), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  useEffect(() => setActive(-1), [offers]);

  const write = (text: string, at: number): void => {
    setDraft(text);
    setCursor(at);
    setOpen(true);
    // After the text is written, which moves the cursor to its end.
    requestAnimationFrame(() => inputRef.current?.setSelectionRange(at, at));
  };
  const accept = (place: number): void => {
    const offer = offers.suggestions[place];
    if (!offer) return;
    const taken = take(draft, offers.start, offers.end, offer);
    write(taken.text, taken.cursor);
    if (offer.kind === "value") setOpen(false);
    inputRef.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const count = offers.suggestions.length;
    if (event.key === "Escape") {
      if (shown) setOpen(false);
      else event.currentTarget.blur();
      event.preventDefault();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey) {
      event.preventDefault();
      setOpen(true);
      if (count > 0) setActive((at) => (event.key === "ArrowDown" ? (at + 1) % count : (at <= 0 ? count : at) - 1));
    } else if (shown && active >= 0 && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      accept(active);
    } else if (shown && event.key === "Tab" && !event.shiftKey && isTyping(draft, cursor)) {
      event.preventDefault();
      accept(0);
    }
  };

  const refused = error instanceof ApiFailure && error.status === 400 ? error : null;
  const wrong = refused && draft.trim() === q ? wrongPart(refused.message, q) : null;
  const told = error && !(error instanceof Unreachable) && !shown;
  return (
    <form
      role="search"
      className="filter"
      data-refused={refused !== null}
      onSubmit={(event) => {
        event.preventDefault();
        setOpen(false);
        send(draft, false);
      }}
    >
      <Icon name="search" />
      <div className="filter-field">
        {wrong && <Underline text={draft} offset={draft.length - draft.trimStart().length} {...wrong} input={inputRef} />}
        <input
          ref={inputRef}
          type="text"
          role="combobox"
          value={draft}
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={`${id}-offers`}
          aria-activedescendant={shown && active >= 0 ? `${id}-offer-${active}` : undefined}
          aria-invalid={refused !== null}
          aria-describedby={told ? `${id}-error` : undefined}
          placeholder={placeholder}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="search"
          onChange={(event) => {
            setDraft(event.target.value);
            setCursor(event.target.selectionStart ?? event.target.value.length);
            setOpen(true);
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? draft.length)}
          onMouseDown={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
      </div>
      {draft !== "" ? (
        <button
          type="button"
          className="button-quiet"
          aria-label="Clear the filter"
          onClick={() => {
            setDraft("");
            setCursor(0);
            send("", false);
            inputRef.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
      <SuggestionList id={id} offers={shown ? offers.suggestions : []} active={active} onTake={accept} />
      {told && (
        <div className="filter-error" id={`${id}-error`} role="alert">
          <Icon name="warning" />
          <span>
            <span>{visible(reasonOf(error.message))}</span>
            {error instanceof ApiFailure && error.hint && <span className="muted hint">{visible(error.hint)}</span>}
          </span>
        </div>
      )}
    </form>
  );
}

/** The reason alone: the place that the message points at is underlined. */
function reasonOf(message: string): string {
  return message.replace(/ at position \d+:\n[^]*$/, ".");
}

/** Whether a word is being typed: then Tab takes the first offer; after a space it goes on to the next control. */
function isTyping(draft: string, cursor: number): boolean {
  return /\S$/.test(draft.slice(0, cursor));
}

interface UnderlineProps {
  text: string;
  offset: number;
  start: number;
  end: number;
  input: RefObject<HTMLInputElement | null>;
}

/** Lies under the field with the same letters, of which only the line below the wrong ones is seen. */
function Underline({ text, offset, start, end, input }: UnderlineProps): ReactNode {
  const mirror = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = input.current;
    if (!field) return undefined;
    const follow = (): void => {
      if (mirror.current) mirror.current.scrollLeft = field.scrollLeft;
    };
    follow();
    field.addEventListener("scroll", follow);
    return () => field.removeEventListener("scroll", follow);
  }, [input, text]);
  const from = start + offset;
  return (
    <div className="filter-mirror" ref={mirror} aria-hidden="true">
      {text.slice(0, from)}
      <span className="wrong" data-testid="wrong-part">
        {text.slice(from, end + offset)}
      </span>
      {text.slice(end + offset)}
    </div>
  );
}
