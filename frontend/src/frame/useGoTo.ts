import { useLayoutEffect, useRef } from "react";
import { GO, goal, type Action } from "../keys";
import { isTaken } from "../ui/useKeys";

/** How long the second key is waited for. */
const WAIT_MS = 1500;

/** `g` and a letter lead to a page. The letter is heard before the page's own keys. */
export function useGoTo(go: (action: Action) => void): void {
  const current = useRef(go);
  useLayoutEffect(() => {
    current.current = go;
  });
  useLayoutEffect(() => {
    let until = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      const waited = event.timeStamp < until;
      until = 0;
      const action = waited ? goal(event.key) : undefined;
      if (action) current.current(action);
      else if (event.key === GO) until = event.timeStamp + WAIT_MS;
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, []);
}
