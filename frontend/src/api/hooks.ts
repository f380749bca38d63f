import { useEffect, useRef, useSyncExternalStore } from "react";
import { access } from "./access";
import { connection } from "./connection";
import { live } from "./live";

export function useServerDown(): boolean {
  return useSyncExternalStore(connection.subscribe, connection.isDown);
}

export function useKeyWanted(): boolean {
  return useSyncExternalStore(access.subscribe, access.isWanted);
}

export function useLiveOpen(): boolean {
  return useSyncExternalStore(live.subscribeStatus, live.isOpen);
}

const POLL_MS = 5000;

/**
 * Calls back when traces changed, with their ids; without a live stream every five seconds, with null
 * (anything may have changed). After the stream comes back once more, for what was missed.
 */
export function useChanges(enabled: boolean, onChange: (traceIds: readonly string[] | null) => void): void {
  const callback = useRef(onChange);
  useEffect(() => {
    callback.current = onChange;
  });
  const open = useLiveOpen();
  useEffect(() => (enabled ? live.listen((ids) => callback.current(ids)) : undefined), [enabled]);
  useEffect(() => {
    if (!enabled) return undefined;
    if (open) {
      callback.current(null);
      return undefined;
    }
    const timer = setInterval(() => {
      if (!connection.isDown() && !document.hidden) callback.current(null);
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [enabled, open]);
}
