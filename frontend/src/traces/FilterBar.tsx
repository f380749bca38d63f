import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from "react";
import { ApiFailure, Unreachable } from "../api/client";
import { useLiveOpen } from "../api/hooks";
import { visible } from "../format/text";
import { formatTime } from "../format/time";
import { ANY_TIME, RANGES, rangeName, type RangeName } from "../model/range";
import { boundsOf, named, windowLabel, type BoardSearch } from "../model/window";
import { ExportMenu } from "../ui/ExportMenu";
import { Icon } from "../ui/Icon";
import { ImportButton } from "./ImportDialog";

/** Typing is followed after a pause; Enter is followed at once, and kept for Back. */
const PAUSE_MS = 350;

interface Props {
  inputRef: RefObject<HTMLInputElement | null>;
  q: string;
  error: Error | null;
  range: BoardSearch;
  live: boolean;
  facetsOpen: boolean;
  onFacets: () => void;
  onQuery: (text: string, replace: boolean) => void;
  onRange: (range: RangeName | undefined) => void;
  onLive: () => void;
}

function exportRange(range: BoardSearch): { since: string | undefined; until: string | undefined } {
  const { since, until } = boundsOf(range, Date.now());
  return { since: since?.toString(), until: until?.toString() };
}

export function FilterBar(props: Props): ReactNode {
  const { range, live, facetsOpen } = props;
  const own = named(range) === undefined && (range.since !== undefined || range.until !== undefined);
  return (
    <header className="bar">
      <h1>Traces</h1>
      <button
        type="button"
        className="button facets-button"
        aria-expanded={facetsOpen}
        aria-controls="facets"
        aria-label="Filters"
        onClick={props.onFacets}
      >
        <Icon name="facets" />
      </button>
      <FilterBox {...props} />
      <label className="range">
        <span className="hidden-text">Time range</span>
        <select value={own ? "own" : (named(range) ?? "")} onChange={(event) => props.onRange(rangeName(event.target.value))}>
          <option value="">{ANY_TIME}</option>
          {RANGES.map((one) => (
            <option key={one.name} value={one.name}>
              {one.label}
            </option>
          ))}
          {own && <option value="own">{windowLabel(range, (ns) => formatTime(ns))}</option>}
        </select>
        <Icon name="down" />
      </label>
      <ExportMenu path="/traces/export" params={() => ({ q: props.q, ...exportRange(range) })}>
        <ImportButton />
      </ExportMenu>
      <LiveButton live={live} onLive={props.onLive} />
    </header>
  );
}

function FilterBox({ inputRef, q, error, onQuery }: Props): ReactNode {
  const errorId = useId();
  const [draft, setDraft] = useState(q);
  const sent = useRef(q);
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
        placeholder="words, status:error, model:gpt-4o*, service:qa, kind:llm"
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
      {draft !== "" ? (
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
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
      {error && !(error instanceof Unreachable) && (
        <div className="filter-error" id={errorId} role="alert">
          <Icon name="warning" />
          <span>
            {/* The message points at the place with a caret on a line of its own. */}
            <span className={error.message.includes("\n") ? "pointing" : ""}>{visible(error.message)}</span>
            {error instanceof ApiFailure && error.hint && <span className="muted hint">{visible(error.hint)}</span>}
          </span>
        </div>
      )}
    </form>
  );
}

function LiveButton({ live, onLive }: { live: boolean; onLive: () => void }): ReactNode {
  const open = useLiveOpen();
  const title = !live
    ? "Rows stay as they are. Press to let new ones in (l)."
    : open
      ? "New traces appear as they arrive (l)."
      : "No live stream; asking every five seconds (l).";
  return (
    <button type="button" className="button live" aria-pressed={live} title={title} onClick={onLive}>
      <span className={`live-dot ${live ? (open ? "on" : "slow") : ""}`} aria-hidden="true" />
      {live ? "Live" : "Paused"}
    </button>
  );
}
