/** How long something has been running, in nanoseconds by this clock; no less than what is known of it. */
export function elapsed(startNs: string, nowNs: string, knownNs: string | null): string {
  const known = BigInt(knownNs ?? "0");
  const past = BigInt(nowNs) - BigInt(startNs);
  // Tenths of a second: the clocks agree no better, and it is read while it changes.
  const shown = (past / 100_000_000n) * 100_000_000n;
  return (shown > known ? shown : known).toString();
}
