import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode, type RefObject } from "react";
import type { Histogram as Found } from "../api/types.gen";
import { formatCount, plural } from "../format/numbers";
import { formatTime } from "../format/time";
import { barsOf, between, countIn, timeOf, type Selection } from "../model/histogram";

interface Props {
  found: Found;
  /** Of a filter before: the new one is on its way. */
  isOld: boolean;
  focusRef: RefObject<HTMLDivElement | null>;
  onSelect: (since: string, until: string) => void;
}

/** How the list spreads over time, failures in red. Dragging selects a time; so do arrows with Shift, and Enter. */
export function Histogram({ found, isOld, focusRef, onSelect }: Props): ReactNode {
  const [anchor, setAnchor] = useState<number | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const dragging = useRef(false);
  const bars = barsOf(found);
  const last = bars.length - 1;
  useEffect(() => {
    setAnchor(null);
    setAt(null);
  }, [found.since, found.step_ns, bars.length]);

  const chosen: Selection | null = at === null ? null : between(Math.min(anchor ?? at, last), Math.min(at, last));
  const choose = (selection: Selection | null): void => {
    const time = selection && timeOf(found, selection);
    setAnchor(null);
    setAt(null);
    if (time) onSelect(time.since, time.until);
  };
  const placeOf = (event: PointerEvent<HTMLDivElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * bars.length)));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const from = at ?? (by > 0 ? -1 : last + 1);
      setAnchor(event.shiftKey ? (anchor ?? at ?? Math.max(0, Math.min(last, from + by))) : null);
      setAt(Math.max(0, Math.min(last, from + by)));
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (at === null) focusRef.current?.blur();
      setAnchor(null);
      setAt(null);
    }
  };

  const words = describe(found, chosen);
  return (
    <figure className="histogram" data-old={isOld}>
      <div
        className="histogram-bars"
        ref={focusRef}
        role="slider"
        tabIndex={0}
        aria-label="Histogram over time. Arrows move, Shift extends, Enter selects."
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at ?? 0}
        aria-valuetext={words}
        data-testid="histogram"
        onKeyDown={onKeyDown}
        onBlur={() => {
          setAnchor(null);
          setAt(null);
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          dragging.current = true;
          setAnchor(placeOf(event));
          setAt(placeOf(event));
        }}
        onPointerMove={(event) => setAt(placeOf(event))}
        onPointerUp={(event) => {
          if (!dragging.current) return;
          dragging.current = false;
          choose(between(anchor ?? placeOf(event), placeOf(event)));
        }}
        onPointerCancel={() => {
          dragging.current = false;
          setAnchor(null);
          setAt(null);
        }}
        onPointerLeave={() => {
          if (!dragging.current) setAt(null);
        }}
      >
        <svg viewBox={`0 0 ${bars.length} 1`} preserveAspectRatio="none" aria-hidden="true">
          {chosen && <rect className="chosen" x={chosen.from} y={0} width={chosen.to - chosen.from + 1} height={1} />}
          {bars.map(({ height, errors }, place) => (
            <g key={place}>
              {height > 0 && <rect className="bar-ok" x={place + 0.08} y={1 - height} width={0.84} height={height} />}
              {errors > 0 && <rect className="bar-error" x={place + 0.08} y={1 - errors} width={0.84} height={errors} />}
            </g>
          ))}
        </svg>
      </div>
      <figcaption className="muted">
        <span>{formatTime(found.buckets[0]?.time_unix_nano ?? found.since)}</span>
        <span className="histogram-words">{words}</span>
        <span>{formatTime(found.until)}</span>
      </figcaption>
    </figure>
  );
}

/** Its place while it is asked for, so that the rows below do not jump. */
export function HistogramPlace(): ReactNode {
  return (
    <figure className="histogram" aria-hidden="true">
      <div className="histogram-bars" />
      <figcaption>&nbsp;</figcaption>
    </figure>
  );
}

/** What the bars under the pointer hold; without one what all of them do. */
function describe(found: Found, chosen: Selection | null): string {
  const { count, errors } = chosen ? countIn(found, chosen) : { count: found.count, errors: found.error_count };
  const rows = plural(count, "trace") + (errors > 0 ? `, ${formatCount(errors)} failed` : "");
  const time = chosen && timeOf(found, chosen);
  return time ? `${formatTime(time.since)} – ${formatTime(time.until)}: ${rows}` : rows;
}
