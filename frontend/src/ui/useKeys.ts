import { useLayoutEffect, useRef } from "react";
import { actionOf, type Action } from "../keys";

type Handlers = Partial<Record<Action, (event: KeyboardEvent) => void>>;

// Where a key means what it means there: Enter and the arrows belong to the focused control.
const TYPING = "input, textarea, select, [contenteditable='true']";
const OWN_KEYS: Record<string, string> = {
  Enter: "a, button, summary",
  ArrowLeft: "[role='tab'], [role='separator']",
  ArrowRight: "[role='tab'], [role='separator']",
  ArrowUp: "[role='menuitemradio'], [role='separator']",
  ArrowDown: "[role='menuitemradio'], [role='separator']",
};

/** Whether a key belongs to a field, or to an open dialog. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return document.querySelector("dialog[open]") !== null || target?.closest(TYPING) != null;
}

/** Keys that work wherever the focus is, except while typing or in an open dialog. */
export function useKeys(handlers: Handlers): void {
  const current = useRef(handlers);
  useLayoutEffect(() => {
    current.current = handlers;
  });
  // Before the browser paints: what can be seen can be worked.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTaken(event)) return;
      const target = event.target instanceof Element ? event.target : null;
      const own = OWN_KEYS[event.key];
      if (own && target?.closest(own)) return;
      const action = actionOf(event, Object.keys(current.current) as Action[]);
      if (!action) return;
      event.preventDefault();
      current.current[action]?.(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
