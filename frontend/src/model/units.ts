/** What a number in an attribute means, in words beside it: OpenTelemetry's names say their unit in the conventions. */
import { formatDuration } from "../format/duration";
import { formatBytes, formatCount } from "../format/numbers";

const SECONDS = /(?:^|[._])(?:duration|time_to_first_chunk|time_to_first_token|latency|elapsed|timeout)(?:_s|_seconds)?$|_seconds$/i;
const MILLIS = /(?:_ms|_millis|_milliseconds|Ms|Millis)$|\.ms$/;
const NANOS = /(?:_ns|_nanos|_nano|unix_nano)$/;
const BYTES = /(?:body\.size|_bytes|\.bytes|content_length|\.size_bytes|memory\.(?:usage|rss))$/i;
const TOKENS = /(?:_tokens|[._]tokens|token_count\.\w+|Tokens)$/;
const MONEY = /(?:cost(?:_usd|\.total|\.input|\.output)?|_usd)$/i;
const SHARE = /(?:utilization|_ratio)$/i;

/** `1.24 s`, `4.2 kB`, `1,312 tok`; null where the name tells nothing or the value is no number. */
export function unitOf(name: string, value: unknown): string | null {
  const number = typeof value === "number" ? value : typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(number)) return null;
  if (NANOS.test(name)) return name.endsWith("unix_nano") ? null : formatDuration(number);
  if (MILLIS.test(name)) return formatDuration(number * 1e6);
  if (BYTES.test(name)) return formatBytes(number);
  if (TOKENS.test(name)) return `${formatCount(number)} tok`;
  if (SECONDS.test(name)) return formatDuration(number * 1e9);
  if (MONEY.test(name)) return "USD";
  if (SHARE.test(name) && number >= 0 && number <= 1) return `${Math.round(number * 1000) / 10} %`;
  return null;
}
