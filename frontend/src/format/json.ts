/** JSON as the API sends it. Integers that a double cannot hold stay exact: they become their digits, as text. */

const LONG_INTEGER = /[:[,]-?\d{16,}/;

interface Context {
  /** The text of the value; browsers that do not give it round such integers. */
  source?: string;
}

export function parseJson(text: string): unknown {
  // Looking for one first: a reviver makes parsing several times slower.
  return LONG_INTEGER.test(text) ? JSON.parse(text, exact as (key: string, value: unknown) => unknown) : JSON.parse(text);
}

function exact(_key: string, value: unknown, context?: Context): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const digits = context?.source;
  return digits && /^-?\d+$/.test(digits) ? digits : value;
}
