/** Escape sequences of terminals: colours and cursor moves are taken away for reading; `visible` shows them where raw. */

// CSI (colours, moves), OSC (titles, links: up to BEL or ST), and two-letter escapes.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

export function withoutAnsi(text: string): string {
  return text.includes("\u001b") ? text.replace(ESCAPES, "") : text;
}

export function hasAnsi(text: string): boolean {
  return text.search(ESCAPES) >= 0;
}
