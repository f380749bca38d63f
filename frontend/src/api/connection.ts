/** Whether the server can be reached. While it cannot, it is asked every few seconds. */

type Listener = () => void;

const ASK_EVERY_MS = 3000;

class Connection {
  private down = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<Listener>();

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly isDown = (): boolean => this.down;

  lost(): void {
    if (!this.down) this.change(true);
    this.timer ??= setTimeout(() => void this.ask(), ASK_EVERY_MS);
  }

  reached(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.down) this.change(false);
  }

  /** Asks at once: the button of the bar, and a live stream that broke off. */
  async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      const response = await fetch("/healthz", { cache: "no-store" });
      if (response.status === 502 || response.status === 504) this.lost();
      else this.reached();
    } catch {
      this.lost();
    }
  }

  private change(down: boolean): void {
    this.down = down;
    for (const listener of this.listeners) listener();
  }
}

export const connection = new Connection();
