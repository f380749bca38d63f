/** Whether the server wants a key before it shows anything: known from its first 401. */

type Listener = () => void;

class Access {
  private wanted = false;
  private readonly listeners = new Set<Listener>();

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly isWanted = (): boolean => this.wanted;

  /** A request was refused for want of a key. */
  refused(): void {
    this.change(true);
  }

  /** A key was shown and taken. */
  granted(): void {
    this.change(false);
  }

  private change(wanted: boolean): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    for (const listener of this.listeners) listener();
  }
}

export const access = new Access();
