/** The bucket that all charts of a board point at: one for the page, moved by the pointer or by keys. */
import { useSyncExternalStore } from "react";

let current: number | null = null;
const listeners = new Set<() => void>();

export function pointAt(index: number | null): void {
  if (index === current) return;
  current = index;
  for (const listener of listeners) listener();
}

export function pointedAt(): number | null {
  return current;
}

export function usePointed(): number | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => current,
  );
}
