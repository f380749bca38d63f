import { useState, type ReactNode } from "react";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import type { Facet } from "../model/facets";
import { hasTerm } from "../model/filter";
import { Icon, STATUS_WORDS } from "../ui/Icon";

const AT_FIRST = 8;

interface Props {
  facets: readonly Facet[];
  loaded: number;
  q: string;
  open: boolean;
  onToggle: (key: string, value: string) => void;
}

export function Facets({ facets, loaded, q, open, onToggle }: Props): ReactNode {
  return (
    <aside id="facets" className="facets" data-open={open} aria-label="Filters">
      {facets.map((facet) => (
        <FacetList key={facet.key} facet={facet} q={q} onToggle={onToggle} />
      ))}
      {loaded > 0 && <p className="muted facets-note">Counts of the {formatCount(loaded)} loaded</p>}
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
                <span className="number muted">{formatCount(count)}</span>
              </button>
            </li>
          ))}
          {facet.values.length > AT_FIRST && (
            <li>
              <button type="button" className="button-quiet muted" onClick={() => setAll(!all)}>
                {all ? "Fewer" : `${formatCount(facet.values.length - AT_FIRST)} more`}
              </button>
            </li>
          )}
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
