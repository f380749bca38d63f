import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from "react";
import { ApiFailure, Unreachable } from "../api/client";
import { visible } from "../format/text";
import { formatTime } from "../format/time";
import { ANY_TIME, RANGES } from "../model/range";
import { named, windowLabel, type BoardSearch } from "../model/window";
import { Icon } from "../ui/Icon";

const PAUSE_MS = 350;

interface Props {
  title: string;
  search: BoardSearch;
  error: Error | null;
  inputRef: RefObject<HTMLInputElement | null>;
  onChange: (part: BoardSearch, replace: boolean) => void;
}

/** The bar of a board: the filter of the traces it tells of, and their time. */
export function BoardBar({ title, search, error, inputRef, onChange }: Props): ReactNode {
  const range = named(search);
  const own = !range && (search.since !== undefined || search.until !== undefined);
  return (
    <header className="bar">
      <h1>{title}</h1>
      <Filter q={search.q ?? ""} error={error} inputRef={inputRef} onChange={onChange} />
      <label className="range">
        <span className="hidden-text">Time range</span>
        <select
          value={own ? "own" : (range ?? "")}
          onChange={(event) => onChange({ since: event.target.value || undefined, until: undefined }, false)}
        >
          <option value="">{ANY_TIME}</option>
          {RANGES.map((one) => (
            <option key={one.name} value={one.name}>
              {one.label}
            </option>
          ))}
          {own && <option value="own">{windowLabel(search, (ns) => formatTime(ns))}</option>}
        </select>
        <Icon name="down" />
      </label>
    </header>
  );
}

function Filter({ q, error, inputRef, onChange }: Pick<Props, "error" | "inputRef" | "onChange"> & { q: string }): ReactNode {
  const errorId = useId();
  const [draft, setDraft] = useState(q);
  const sent = useRef(q);
  useEffect(() => {
    if (q !== sent.current) {
      sent.current = q;
      setDraft(q);
    }
  }, [q]);
  const send = (text: string, replace: boolean): void => {
    const trimmed = text.trim();
    if (trimmed === sent.current) return;
    sent.current = trimmed;
    onChange({ q: trimmed || undefined }, replace);
  };
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  useEffect(() => {
    const timer = setTimeout(() => latest.current(draft, true), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  const refused = error instanceof ApiFailure && error.status === 400 ? error : null;
  return (
    <form
      role="search"
      className="filter"
      data-refused={refused !== null}
      onSubmit={(event) => {
        event.preventDefault();
        send(draft, false);
      }}
    >
      <Icon name="search" />
      <input
        ref={inputRef}
        type="text"
        value={draft}
        aria-label="Filter"
        aria-invalid={refused !== null}
        aria-describedby={refused ? errorId : undefined}
        placeholder="words, status:error, model:gpt-4o*, service:qa, user:u7"
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="search"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {draft === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button
          type="button"
          className="button-quiet"
          aria-label="Clear the filter"
          onClick={() => {
            setDraft("");
            send("", false);
            inputRef.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
      {error && !(error instanceof Unreachable) && (
        <div className="filter-error" id={errorId} role="alert">
          <Icon name="warning" />
          <span>
            <span className={error.message.includes("\n") ? "pointing" : ""}>{visible(error.message)}</span>
            {error instanceof ApiFailure && error.hint && <span className="muted hint">{visible(error.hint)}</span>}
          </span>
        </div>
      )}
    </form>
  );
}
