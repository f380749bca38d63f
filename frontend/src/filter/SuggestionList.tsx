import { useEffect, useRef, type ReactNode } from "react";
import type { Suggestion } from "../api/types.gen";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";

interface Props {
  id: string;
  offers: readonly Suggestion[];
  active: number;
  onTake: (place: number) => void;
}

/** What could be typed next; the field keeps the focus. It is always there, so that the field can name it. */
export function SuggestionList({ id, offers, active, onTake }: Props): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <ul id={`${id}-offers`} ref={list} role="listbox" aria-label="Suggestions" className="offers" hidden={offers.length === 0}>
      {offers.map((offer, place) => (
        <li
          key={offer.text}
          id={`${id}-offer-${place}`}
          role="option"
          aria-selected={place === active}
          className="offer"
          // On pressing, not on clicking: the field must not lose the focus in between.
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(place);
          }}
        >
          <code className="cut">{visible(offer.text)}</code>
          <span className="muted cut">{offer.note}</span>
          {offer.count !== null && <span className="muted number">{formatCount(offer.count)}</span>}
        </li>
      ))}
    </ul>
  );
}
