import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Axis } from "../model/waterfall";
import { isWhole, panned, readWindow, WHOLE, windowText, zoomed, type Window } from "../model/zoom";

const STEP = 0.6;
const WRITE_AFTER_MS = 250;

export interface Zoom {
  window: Window;
  set: (window: Window) => void;
  /** `factor` below 1 looks closer; `at` is 0 to 1 of what is shown. */
  by: (factor: number, at?: number) => void;
  closer: () => void;
  further: () => void;
  pan: (by: number) => void;
  reset: () => void;
}

/** The part of the axis that is shown. The address follows once a gesture rests. */
export function useZoom(axis: Axis, address: string | undefined, onAddress: (text: string | undefined) => void): Zoom {
  const [chosen, setChosen] = useState<Window | undefined>();
  const window = useMemo(() => chosen ?? readWindow(address, axis), [chosen, address, axis]);
  const length = useRef(axis.lengthNs);
  const write = useRef(onAddress);
  useEffect(() => {
    length.current = axis.lengthNs;
    write.current = onAddress;
  });
  const latest = useRef(axis);
  useEffect(() => {
    latest.current = axis;
  }, [axis]);
  useEffect(() => {
    if (chosen === undefined) return undefined;
    const timer = setTimeout(() => {
      write.current(windowText(chosen, latest.current));
      // From here on the address says it: it holds times, which stay where they are while the axis grows.
      setChosen(undefined);
    }, WRITE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [chosen]);

  const current = useRef(window);
  useEffect(() => {
    current.current = window;
  }, [window]);
  const set = useCallback((next: Window) => {
    current.current = next;
    setChosen(next);
  }, []);
  const by = useCallback((factor: number, at = 0.5) => set(zoomed(current.current, factor, at, length.current)), [set]);
  const pan = useCallback((share: number) => set(panned(current.current, share, length.current)), [set]);
  return useMemo(
    () => ({
      window,
      set,
      by,
      closer: () => by(STEP),
      further: () => by(1 / STEP),
      pan,
      reset: () => {
        if (!isWhole(current.current)) set(WHOLE);
      },
    }),
    [window, set, by, pan],
  );
}
