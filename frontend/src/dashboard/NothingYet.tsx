import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { NothingMatches } from "../filter/NothingMatches";
import type { BoardSearch } from "../model/window";

interface Props {
  search: BoardSearch;
  onChange: (part: BoardSearch, replace: boolean) => void;
}

/** No trace matches, or none came yet: what to do next. */
export function NothingYet({ search, onChange }: Props): ReactNode {
  const { q = "", since, until } = search;
  if (q === "" && since === undefined && until === undefined) {
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
    <NothingMatches
      what="trace"
      q={q}
      range={{ since, until }}
      onQuery={(text) => onChange({ q: text || undefined }, false)}
      onAnyTime={() => onChange({ since: undefined, until: undefined }, false)}
      onClear={() => onChange({ q: undefined, since: undefined, until: undefined }, false)}
    />
  );
}
