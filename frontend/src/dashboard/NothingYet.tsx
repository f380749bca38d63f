import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatTime } from "../format/time";
import { visible } from "../format/text";
import { windowLabel, type BoardSearch } from "../model/window";

/** No trace matches, or none came yet: what to do next. */
export function NothingYet({ search, onClear }: { search: BoardSearch; onClear: () => void }): ReactNode {
  const chosen = search.q !== undefined || search.since !== undefined || search.until !== undefined;
  if (!chosen) {
    return (
      <div className="blank">
        <h2>No traces yet</h2>
        <p className="muted">
          This page needs no set-up: it fills when the first trace arrives. <Link to="/">How to send one</Link>
        </p>
      </div>
    );
  }
  return (
    <div className="blank">
      <h2>No trace matches</h2>
      <p className="muted">
        {search.q && <code>{visible(search.q)}</code>} {windowLabel(search, (ns) => formatTime(ns)).toLowerCase()}
      </p>
      <button type="button" className="button" onClick={onClear}>
        Show everything
      </button>
    </div>
  );
}
