import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from "react";
import { ApiFailure, Unreachable } from "../api/client";
import { visible } from "../format/text";
import type { LogsSearch } from "../model/address";
import { isLeast } from "../model/logs";
import { ANY_TIME, RANGES, rangeName, sinceOf } from "../model/range";
import { ExportMenu } from "../ui/ExportMenu";
import { Icon } from "../ui/Icon";

const PAUSE_MS = 350;

interface Props {
  inputRef: RefObject<HTMLInputElement | null>;
  search: LogsSearch;
  error: Error | null;
  live: boolean;
  onChange: (part: LogsSearch, replace?: boolean) => void;
}

export function LogBar({ inputRef, search, error, live, onChange }: Props): ReactNode {
  const { q = "", severity, since, from, to } = search;
  return (
    <header className="bar logs-bar">
      <h1>Logs</h1>
      <Words inputRef={inputRef} q={q} error={error} onQuery={(text, replace) => onChange({ q: text || undefined, open: undefined }, replace)} />
      <Choice
        label="Least severity"
        value={severity ?? ""}
        choices={[["", "All"], ["debug", "Debug +"], ["info", "Info +"], ["warn", "Warn +"], ["error", "Error +"]]}
        onChoose={(value) => onChange({ severity: isLeast(value) ? value : undefined, open: undefined }, false)}
      />
      <Choice
        label="Time range"
        value={from ? "part" : (since ?? "")}
        choices={[["", ANY_TIME], ...(from ? [["part", "Part"] as const] : []), ...RANGES.map((one) => [one.name, one.label] as const)]}
        onChoose={(value) => value !== "part" && onChange({ since: rangeName(value), from: undefined, to: undefined, open: undefined }, false)}
      />
      <ExportMenu
        path="/logs/export"
        params={() => ({
          q: [q, severity ? `severity:>=${severity}` : ""].filter(Boolean).join(" "),
          since: from ?? sinceOf(since, Date.now()),
          until: to,
        })}
      />
      <button
        type="button"
        className="button live"
        aria-pressed={live}
        title={live ? "New records appear as they arrive (l)." : "Rows stay as they are (l)."}
        onClick={() => onChange(live ? { live: "off" } : { live: undefined, from: undefined, to: undefined })}
      >
        <span className={`live-dot ${live ? "on" : ""}`} aria-hidden="true" />
        {live ? "Live" : "Paused"}
      </button>
    </header>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChoose: (value: string) => void;
}

export function Choice({ label, value, choices, onChoose }: ChoiceProps): ReactNode {
  return (
    <label className="range">
      <span className="hidden-text">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.target.value)}>
        {choices.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  );
}

interface WordsProps {
  inputRef: RefObject<HTMLInputElement | null>;
  q: string;
  error: Error | null;
  onQuery: (text: string, replace: boolean) => void;
}

function Words({ inputRef, q, error, onQuery }: WordsProps): ReactNode {
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
        aria-label="Filter logs"
        aria-invalid={refused !== null}
        aria-describedby={refused ? errorId : undefined}
        placeholder="words, service:qa, severity:>=warn, trace:…"
        autoComplete="off"
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
            <span className={error.message.includes("\n") ? "pointing" : ""}>{visible(error.message)}</span>
            {error instanceof ApiFailure && error.hint && <span className="muted hint">{visible(error.hint)}</span>}
          </span>
        </div>
      )}
    </form>
  );
}
