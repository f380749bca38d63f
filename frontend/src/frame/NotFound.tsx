import { Link, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { visible } from "../format/text";
import { Icon } from "../ui/Icon";
import { useTitle } from "../ui/useTitle";
import { PLACES } from "./places";

const LONGEST = 120;

export function NotFound(): ReactNode {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useTitle("There is no such page");
  return (
    <div className="blank">
      <h1>There is no such page</h1>
      <p className="muted">
        Nothing is shown at <code>{visible(path.slice(0, LONGEST))}</code>. A trace is at <code>/traces/</code> and its id. These are the pages:
      </p>
      <nav className="blank-links" aria-label="All pages">
        {PLACES.map((place) => (
          <Link key={place.to} to={place.to} className="button" title={place.about}>
            <Icon name={place.icon} /> {place.name}
          </Link>
        ))}
      </nav>
    </div>
  );
}
