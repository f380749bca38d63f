/** `1,204`. Grouped here: the browser's own formatter takes 15 ms to be made, before the first row of a page. */
export function formatCount(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21
    ? String(value).replace(/\B(?=(?:\d{3})+$)/g, ",")
    : value.toLocaleString("en-US");
}

/** `1 span`, `2 spans`, `1,204 spans`. */
export function plural(value: number, one: string, many: string = one + "s"): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** `2,691 tok`; the dash where no client sent a number. */
export function formatTokens(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${formatCount(value)} tok`;
}

/** For a narrow column: from ten million on `12.3 M tok`, `4.5 T tok`; the exact number belongs into the title. */
export function shortTokens(value: number | null | undefined): string {
  return value === null || value === undefined || Math.abs(value) < 1e7 ? formatTokens(value) : `${shortCount(value)} tok`;
}

function shortCount(value: number): string {
  for (const [unit, size] of [["M", 1e6], ["B", 1e9], ["T", 1e12]] as const) {
    const scaled = value / size;
    if (Math.abs(scaled) < 999.5) return `${Math.abs(scaled) < 99.95 ? scaled.toFixed(1) : Math.round(scaled)} ${unit}`;
  }
  return value.toExponential(1);
}

/** Bytes as people read them: `812 B`, `4.2 kB`, `71 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, size] of [["kB", 1e3], ["MB", 1e6], ["GB", 1e9]] as const) {
    const value = bytes / size;
    if (value < 999.5 || unit === "GB") return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  }
  return `${bytes} B`;
}
