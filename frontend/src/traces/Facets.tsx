import { useState, type ReactNode } from "react";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import type { Facet } from "../model/facets";
import { hasTerm } from "../model/filter";
import { Icon, STATUS_WORDS } from "../ui/Icon";
import { ReachNote } from "../ui/StoreNotes";

const AT_FIRST = 6;

interface Props {
  facets: readonly Facet[];
  q: string;
  open: boolean;
  /** Counts of a filter before: the new ones are on their way. */
  isOld: boolean;
  onToggle: (key: string, value: string) => void;
  /** Where the range begins; undefined for any time. */
  since: bigint | undefined;
}

export function Facets({ facets, q, open, isOld, onToggle, since }: Props): ReactNode {
  return (
    <aside id="facets" className="facets" data-open={open} data-old={isOld} aria-label="Filters">
      {facets.map((facet) => (
        <FacetList key={facet.key} facet={facet} q={q} onToggle={onToggle} />
      ))}
      <ReachNote since={since} />
    </aside>
  );
}

function FacetList({ facet, q, onToggle }: { facet: Facet; q: string; onToggle: Props["onToggle"] }): ReactNode {
  const [closed, setClosed] = useState(false);
  const [all, setAll] = useState(false);
  if (facet.values.length === 0) return null;
  const values = all ? facet.values : facet.values.slice(0, AT_FIRST);
  return (
    <section className="facet">
      <h2>
        <button type="button" className="button-quiet" aria-expanded={!closed} onClick={() => setClosed(!closed)}>
          <Icon name="chevron" className={closed ? "" : "turned"} />
          {facet.label}
        </button>
      </h2>
      {!closed && (
        <ul>
          {values.map(({ value, count }) => (
            <li key={value}>
              <button
                type="button"
                className="facet-value"
                aria-pressed={hasTerm(q, facet.key, value)}
                title={visible(`${facet.key}:${value}`)}
                onClick={() => onToggle(facet.key, value)}
              >
                {facet.key === "status" && <StatusDot value={value} />}
                <span className="cut">{visible(value)}</span>
                <span className="number muted">{count === null ? "" : formatCount(count)}</span>
              </button>
            </li>
          ))}
          {facet.values.length > AT_FIRST && (
            <li>
              <button type="button" className="button-quiet muted" onClick={() => setAll(!all)}>
                {all ? "Fewer" : `${formatCount(facet.values.length - AT_FIRST)}${facet.more ? "+" : ""} more`}
              </button>
            </li>
          )}
          {all && facet.more && <li className="muted facets-note">The most frequent ones. Type {facet.key}: in the filter for others.</li>}
        </ul>
      )}
    </section>
  );
}

function isStatus(value: string): value is keyof typeof STATUS_WORDS {
  return value in STATUS_WORDS;
}

function StatusDot({ value }: { value: string }): ReactNode {
  return isStatus(value) ? (
    <span className={`status status-${value}`}>
      <Icon name={value === "unset" ? "ok" : value} />
    </span>
  ) : null;
}
