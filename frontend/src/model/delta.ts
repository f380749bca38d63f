/** How a figure stands against the same length of time before. */

/** `+12 %`, `−3 %`, `no change`, `none before` after nothing; null where there is nothing to compare. */
export function deltaText(now: number | null, before: number | null): string | null {
  if (now === null || before === null) return null;
  if (before === 0) return now === 0 ? null : "none before";
  const percent = ((now - before) / before) * 100;
  if (Math.abs(percent) < 0.5) return "no change";
  if (percent >= 1000) return `×${Math.round(now / before)}`;
  return `${percent > 0 ? "+" : "−"}${Math.round(Math.abs(percent))} %`;
}

/** `3.2 %` of something; the dash of nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (part / whole) * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "< 0.1 %";
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}
