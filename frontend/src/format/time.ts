/** Times come as nanoseconds since the epoch in decimal strings; they are shown in the reader's own zone. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `21 Nov`, in local time. By a table: the browser's own formatter takes its time to be made. */
export function dayAndMonth(date: Date): string {
  return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;
}

const pad = (value: number, length = 2): string => String(value).padStart(length, "0");

function toDate(ns: string): Date | null {
  if (!/^\d{1,20}$/.test(ns)) return null;
  const date = new Date(Number(BigInt(ns) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** `12:04:31` today, `21 Nov 12:04` this year, `2024-11-21` before. */
export function formatTime(ns: string, now: Date = new Date()): string {
  const date = toDate(ns);
  if (!date) return "–";
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return `${clock}:${pad(date.getSeconds())}`;
  if (date.getFullYear() === now.getFullYear()) {
    return `${dayAndMonth(date)} ${clock}`;
  }
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** `2026-11-23 12:04:31.120345678`, to the nanosecond, local time. */
export function formatExactTime(ns: string): string {
  const date = toDate(ns);
  if (!date) return ns;
  const fraction = (BigInt(ns) % 1_000_000_000n).toString().padStart(9, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${fraction}`;
}

/** Nanoseconds from one time to another; exact as long as they are within 104 days of each other. */
export function nsBetween(from: string, to: string): number {
  try {
    return Number(BigInt(to) - BigInt(from));
  } catch {
    return 0;
  }
}
