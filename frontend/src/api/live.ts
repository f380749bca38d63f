/** The stream of changed traces: one connection for the page, shared by whoever listens. */
import { connection } from "./connection";

type Listener = (traceIds: readonly string[]) => void;

const TRY_AGAIN_MS = 5000;
/** Bursts are passed on together, so that a busy service does not cause a request per span. */
const GATHER_MS = 250;

class Live {
  private source: EventSource | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private gather: ReturnType<typeof setTimeout> | undefined;
  private open = false;
  private readonly pending = new Set<string>();
  private readonly listeners = new Set<Listener>();
  private readonly statusListeners = new Set<() => void>();

  readonly isOpen = (): boolean => this.open;

  readonly subscribeStatus = (listener: () => void): (() => void) => {
    this.statusListeners.add(listener);
    return () => void this.statusListeners.delete(listener);
  };

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) {
      document.addEventListener("visibilitychange", this.followVisibility);
      this.followVisibility();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      document.removeEventListener("visibilitychange", this.followVisibility);
      this.disconnect();
    };
  }

  /** A browser opens six connections to a server and no more: a tab in the background gives its own back. */
  private readonly followVisibility = (): void => {
    if (document.hidden) this.disconnect();
    else if (!this.source) this.connect();
  };

  private connect(): void {
    const source = new EventSource("/api/v1/live");
    this.source = source;
    source.addEventListener("open", () => {
      this.setOpen(true);
      connection.reached();
    });
    source.addEventListener("traces", (event: MessageEvent<string>) => this.receive(event.data));
    source.addEventListener("error", () => {
      // Each time: a server that stops answers for a moment longer than its streams last.
      void connection.ask();
      this.setOpen(false);
      // A refusal (an older server, a proxy) closes the stream for good; a broken one is taken up by the browser.
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        this.source = undefined;
        this.retry = setTimeout(this.followVisibility, TRY_AGAIN_MS);
      }
    });
  }

  private disconnect(): void {
    clearTimeout(this.retry);
    clearTimeout(this.gather);
    this.gather = undefined;
    this.pending.clear();
    this.source?.close();
    this.source = undefined;
    this.setOpen(false);
  }

  private receive(data: string): void {
    for (const traceId of traceIdsIn(data)) this.pending.add(traceId);
    this.gather ??= setTimeout(() => {
      this.gather = undefined;
      const ids = [...this.pending];
      this.pending.clear();
      for (const listener of this.listeners) listener(ids);
    }, GATHER_MS);
  }

  private setOpen(open: boolean): void {
    if (this.open === open) return;
    this.open = open;
    for (const listener of this.statusListeners) listener();
  }
}

function traceIdsIn(data: string): string[] {
  try {
    const { trace_ids: ids } = JSON.parse(data) as { trace_ids?: unknown };
    return Array.isArray(ids) ? ids.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export const live = new Live();
