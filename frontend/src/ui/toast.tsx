/** One short word at the foot of the page, for what a key did. */
import { useSyncExternalStore, type ReactNode } from "react";

let current = "";
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(text: string): void {
  current = text;
  for (const listener of listeners) listener();
}

export function toast(text: string): void {
  clearTimeout(timer);
  set(text);
  timer = setTimeout(() => set(""), 1600);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function Toast(): ReactNode {
  const text = useSyncExternalStore(subscribe, () => current);
  return (
    <div className="toast" role="status" data-shown={text !== ""}>
      {text}
    </div>
  );
}
