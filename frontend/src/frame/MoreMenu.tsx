import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Icon } from "../ui/Icon";
import type { Place } from "./places";
import type { PageSearch } from "./useSearchOf";

interface Props {
  places: readonly Place[];
  searchOf: (place: Place) => PageSearch;
  children: ReactNode;
}

/** On a phone: the pages that have no room in the bottom bar. */
export function MoreMenu({ places, searchOf, children }: Props): ReactNode {
  const [open, setOpen] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  const here = places.some((place) => path === place.to || path.startsWith(`${place.to}/`));
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  useEffect(() => setOpen(false), [path]);
  return (
    <>
      <button type="button" className="rail-item rail-more" aria-expanded={open} data-here={here} onClick={() => setOpen(!open)}>
        <Icon name="more" />
        <span>More</span>
      </button>
      <dialog
        ref={dialog}
        className="more-menu"
        aria-label="More pages"
        onClose={() => setOpen(false)}
        onClick={(event) => event.target === dialog.current && setOpen(false)}
      >
        <div className="more-grid">
          {places.map((place) => (
            <Link key={place.to} to={place.to} search={searchOf(place)} className="rail-item" activeOptions={{ includeSearch: false }} onClick={() => setOpen(false)}>
              <Icon name={place.icon} />
              <span>{place.name}</span>
            </Link>
          ))}
          {children}
        </div>
      </dialog>
    </>
  );
}
