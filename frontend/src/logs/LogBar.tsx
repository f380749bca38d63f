import { useState, type ReactNode, type RefObject } from "react";
import { FilterBox } from "../filter/FilterBox";
import { RangePicker } from "../filter/RangePicker";
import { SavedViews } from "../filter/SavedViews";
import type { LogsSearch } from "../model/address";
import { isLeast, withLeast } from "../model/logs";
import { sinceOf } from "../model/range";
import { Choice } from "../ui/Choice";
import { ExportMenu } from "../ui/ExportMenu";
import { useKeys } from "../ui/useKeys";

interface Props {
  inputRef: RefObject<HTMLInputElement | null>;
  search: LogsSearch;
  error: Error | null;
  live: boolean;
  onChange: (part: LogsSearch, replace?: boolean) => void;
}

const LEAST = [["", "All"], ["debug", "Debug +"], ["info", "Info +"], ["warn", "Warn +"], ["error", "Error +"]] as const;

export function LogBar({ inputRef, search, error, live, onChange }: Props): ReactNode {
  const { q = "", severity, since, until } = search;
  const [panel, setPanel] = useState<"views" | "range" | null>(null);
  const toggleLive = (): void => onChange(live ? { live: "off" } : { live: undefined, until: undefined });
  useKeys({
    filter: () => inputRef.current?.focus(),
    views: () => setPanel("views"),
    range: () => setPanel("range"),
    live: toggleLive,
  });
  // A view keeps its severity as a term of its filter.
  const words = withLeast(q, severity);
  return (
    <header className="bar">
      <h1>Logs</h1>
      <FilterBox
        inputRef={inputRef}
        q={q}
        of="logs"
        since={since}
        until={until}
        error={error}
        placeholder="words, service:qa, severity:>=warn, trace:…"
        onQuery={(text, replace) => onChange({ q: text || undefined, open: undefined }, replace)}
      />
      <Choice
        label="Least severity"
        value={severity ?? ""}
        choices={LEAST}
        onChoose={(value) => onChange({ severity: isLeast(value) ? value : undefined, open: undefined }, false)}
      />
      <SavedViews
        page="logs"
        shown={{ q: words, since, until }}
        open={panel === "views"}
        onOpen={(open) => setPanel(open ? "views" : null)}
        onShow={(shown) => onChange({ q: shown.q || undefined, severity: undefined, since: shown.since, until: shown.until, open: undefined }, false)}
      />
      <RangePicker
        range={{ since, until }}
        open={panel === "range"}
        onOpen={(open) => setPanel(open ? "range" : null)}
        onRange={(range) => onChange({ since: range.since, until: range.until, open: undefined }, false)}
      />
      <ExportMenu path="/logs/export" params={() => ({ q: words, since: sinceOf(since, Date.now()), until })} />
      <button
        type="button"
        className="button live"
        aria-pressed={live}
        title={live ? "New records appear as they arrive (l)." : "Rows stay as they are (l)."}
        onClick={toggleLive}
      >
        <span className={`live-dot ${live ? "on" : ""}`} aria-hidden="true" />
        <span className="live-word">{live ? "Live" : "Paused"}</span>
      </button>
    </header>
  );
}
