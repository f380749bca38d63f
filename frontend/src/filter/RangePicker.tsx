import { useState, type ReactNode } from "react";
import { ANY_TIME, fromField, RANGES, rangeLabel, sinceOf, toField, type Range, type RangeName } from "../model/range";
import { Icon } from "../ui/Icon";
import { Popover } from "../ui/Popover";

interface Props {
  range: Range;
  /** What no range of its own means here; any time without it. */
  fallback?: RangeName;
  open: boolean;
  onOpen: (open: boolean) => void;
  onRange: (range: Range) => void;
}

/** Presets that go on with the clock, or any two moments. */
export function RangePicker({ range: given, fallback, open, onOpen, onRange }: Props): ReactNode {
  const range = fallback && !given.since && !given.until ? { since: fallback } : given;
  const choose = (chosen: Range): void => {
    onRange(chosen);
    onOpen(false);
  };
  const presets: { since: string | undefined; label: string }[] = [
    ...(fallback ? [] : [{ since: undefined, label: ANY_TIME }]),
    ...RANGES.map(({ name, label }) => ({ since: name, label })),
  ];
  return (
    <Popover icon="clock" name="Time range" label={rangeLabel(range)} title="Time range (r)" className="range" open={open} onOpen={onOpen}>
      <ul className="choices">
        {presets.map((preset) => {
          const chosen = !range.until && range.since === preset.since;
          return (
            <li key={preset.label}>
              <button type="button" className="choice" aria-pressed={chosen} onClick={() => choose({ since: preset.since })}>
                <span className="choice-mark">{chosen && <Icon name="ok" />}</span>
                {preset.label}
              </button>
            </li>
          );
        })}
      </ul>
      <Between range={range} onRange={choose} />
    </Popover>
  );
}

function Between({ range, onRange }: { range: Range; onRange: (range: Range) => void }): ReactNode {
  const [from, setFrom] = useState(toField(sinceOf(range.since, Date.now())));
  const [to, setTo] = useState(toField(range.until));
  const since = fromField(from);
  const until = fromField(to);
  const wrong = since && until && BigInt(since) >= BigInt(until) ? "The end must come after the start." : null;
  return (
    <form
      className="between"
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong && (since || until)) onRange({ since, until });
      }}
    >
      <label>
        From
        <input type="datetime-local" step="1" value={from} onChange={(event) => setFrom(event.target.value)} />
      </label>
      <label>
        To
        <input type="datetime-local" step="1" value={to} onChange={(event) => setTo(event.target.value)} />
      </label>
      {wrong && <p className="error-text" role="alert">{wrong}</p>}
      <button type="submit" className="button" disabled={wrong !== null || (!since && !until)}>
        Show this time
      </button>
    </form>
  );
}
