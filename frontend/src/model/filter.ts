/** The filter box's text, edited by the facets: words and `key:value` pairs, `-` negates, quotes quote. */

export interface Term {
  text: string;
  negated: boolean;
  /** null for a free word. */
  key: string | null;
  value: string;
}

const TERM = /-?(?:[A-Za-z_][\w.-]*:)?(?:"(?:[^"\\]|\\.)*"?|[^\s"]+)+/g;

export function termsOf(query: string): Term[] {
  return (query.match(TERM) ?? []).map((text) => {
    const negated = text.startsWith("-") && text.length > 1;
    const rest = negated ? text.slice(1) : text;
    const colon = /^([A-Za-z_][\w.-]*):/.exec(rest);
    const key = colon?.[1] ?? null;
    return { text, negated, key, value: unquote(key === null ? rest : rest.slice(key.length + 1)) };
  });
}

export function hasTerm(query: string, key: string, value: string): boolean {
  return termsOf(query).some((term) => term.key === key && !term.negated && term.value === value);
}

/** Sets `key:value`, in place of another value of that key; takes it away if it is there. */
export function toggleTerm(query: string, key: string, value: string): string {
  const terms = termsOf(query);
  const others = terms.filter((term) => term.key !== key || term.negated).map((term) => term.text);
  return hasTerm(query, key, value) ? others.join(" ") : [...others, `${key}:${quote(value)}`].join(" ");
}

export function withoutTerm(query: string, text: string): string {
  const terms = termsOf(query);
  const at = terms.findIndex((term) => term.text === text);
  return terms.filter((_, index) => index !== at).map((term) => term.text).join(" ");
}

export function quote(value: string): string {
  return /^[^\s"\\]+$/.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function unquote(value: string): string {
  const inner = /^"((?:[^"\\]|\\.)*)"?$/.exec(value)?.[1];
  return inner === undefined ? value : inner.replace(/\\(.)/g, "$1");
}
