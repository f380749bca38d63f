import type { ReactNode, RefObject } from "react";
import { Icon } from "./Icon";

interface Props {
  /** How many rows wait; nothing is shown for none. */
  waiting: number;
  /** There are more than were counted. */
  isMore: boolean;
  onShow: () => void;
  scroller: RefObject<HTMLElement | null>;
}

/** Says how many rows arrived while the list held still, and shows them. */
export function NewPill({ waiting, isMore, onShow, scroller }: Props): ReactNode {
  if (waiting === 0) return null;
  const show = (): void => {
    onShow();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <button type="button" className="new-pill" onClick={show}>
      <Icon name="up" /> {waiting}
      {isMore ? "+" : ""} new
    </button>
  );
}
