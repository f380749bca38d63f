/** Whether rows must stay where they are, because somebody points at them or reads further down. */
import { useEffect, useState, type PointerEvent } from "react";

const AT_TOP_PX = 20;

export interface Hold {
  enter: (event: PointerEvent) => void;
  leave: () => void;
  scroll: (top: number) => void;
}

/** Rows hold still while the pointer is over them, the list is scrolled down, or `also` says so. */
export function useHold(onHold: (held: boolean) => void, also = false): Hold {
  const [over, setOver] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => onHold(over || scrolled || also), [over, scrolled, also, onHold]);
  useEffect(() => () => onHold(false), [onHold]);
  return {
    enter: (event) => setOver(event.pointerType === "mouse"),
    leave: () => setOver(false),
    scroll: (top) => setScrolled(top > AT_TOP_PX),
  };
}
