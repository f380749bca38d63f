import type { ReactNode } from "react";
import { visible } from "../format/text";
import { termsOf, withoutTerm } from "../model/filter";
import { rangeLabel, type Range } from "../model/range";
import { Icon } from "../ui/Icon";

interface Props {
  /** What was looked for: trace, log record. */
  what: string;
  q: string;
  range: Range;
  onQuery: (q: string) => void;
  onAnyTime: () => void;
  onClear: () => void;
}

/** Nothing matches; others there may be. Each condition can be taken away by itself. */
export function NothingMatches({ what, q, range, onQuery, onAnyTime, onClear }: Props): ReactNode {
  const terms = termsOf(q);
  const bounded = range.since !== undefined || range.until !== undefined;
  return (
    <div className="blank">
      <h2>No {what} matches</h2>
      <p className="muted">{terms.length + Number(bounded) > 1 ? "All of these must hold. Take one away:" : "Take it away to see more:"}</p>
      <ul className="conditions">
        {terms.map((term, place) => (
          <li key={place}>
            <button type="button" className="button" onClick={() => onQuery(withoutTerm(q, term.text))}>
              <code className="cut">{visible(term.text)}</code>
              <Icon name="close" />
            </button>
          </li>
        ))}
        {bounded && (
          <li>
            <button type="button" className="button" onClick={onAnyTime}>
              {rangeLabel(range)}
              <Icon name="close" />
            </button>
          </li>
        )}
      </ul>
      <button type="button" className="button" onClick={onClear}>
        Show everything
      </button>
    </div>
  );
}
