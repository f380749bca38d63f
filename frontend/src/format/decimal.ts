/** Decimal numbers as the API sends money: strings, added without the rounding of floating point. */

interface Scaled {
  units: bigint;
  scale: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

function parse(text: string): Scaled | null {
  const match = DECIMAL.exec(text.trim());
  if (!match) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const units = BigInt(whole + fraction || "0") * (sign === "-" ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

function print({ units, scale }: Scaled): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale > 0 ? digits.slice(digits.length - scale).replace(/0+$/, "") : "";
  return (negative ? "-" : "") + whole + (fraction ? "." + fraction : "");
}

/** The exact sum of decimal strings; null if there is none. What is no number is left out. */
export function sumDecimals(texts: readonly (string | null)[]): string | null {
  let total: Scaled | null = null;
  for (const text of texts) {
    const value: Scaled | null = text === null ? null : parse(text);
    if (!value) continue;
    if (!total) {
      total = value;
      continue;
    }
    const scale: number = Math.max(total.scale, value.scale);
    total = {
      units: total.units * 10n ** BigInt(scale - total.scale) + value.units * 10n ** BigInt(scale - value.scale),
      scale,
    };
  }
  return total && print(total);
}

export function isZero(text: string): boolean {
  return parse(text)?.units === 0n;
}

/** The exact difference; null if one of them is no number. */
export function subtractDecimals(one: string, other: string): string | null {
  const taken = parse(other);
  return taken && parse(one) && sumDecimals([one, print({ units: -taken.units, scale: taken.scale })]);
}
