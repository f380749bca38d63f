/**
 * Two sequences of steps aligned: what stands for the same step comes beside each other, the rest has a gap.
 *
 * Scores: a pair of the same kind and name is worth most, one of the same kind still something (`chat gpt-4o` beside
 * `chat gpt-4o-mini`), the same depth a little; gaps cost nothing. The best sum is found exactly up to LIMIT cells;
 * larger traces are first cut at steps that occur once on both sides, and what is still too large is paired in order.
 */

export interface Alignable {
  /** Kind and name. */
  key: string;
  kind: string;
  depth: number;
}

/** Places in the first and in the second sequence; null is a gap. */
export type Pair = readonly [a: number | null, b: number | null];

const LIMIT = 30_000_000;
const SAME_KEY = 6;
const SAME_KIND = 2;
const SAME_DEPTH = 1;

/** Keys, kinds and depths as numbers: the inner loop runs some ten million times. */
interface Numbered {
  key: Int32Array;
  kind: Int32Array;
  depth: Int32Array;
}

function numbered(steps: readonly Alignable[], [from, to]: Range, known: Map<string, number>): Numbered {
  const size = to - from;
  const found: Numbered = { key: new Int32Array(size), kind: new Int32Array(size), depth: new Int32Array(size) };
  const number = (text: string): number => {
    const old = known.get(text);
    if (old !== undefined) return old;
    known.set(text, known.size);
    return known.size - 1;
  };
  for (let at = 0; at < size; at++) {
    const step = steps[from + at] as Alignable;
    found.key[at] = number(`key ${step.key}`);
    found.kind[at] = number(`kind ${step.kind}`);
    found.depth[at] = step.depth;
  }
  return found;
}

export function align(a: readonly Alignable[], b: readonly Alignable[], limit: number = LIMIT): Pair[] {
  let head = 0;
  while (head < a.length && head < b.length && isSame(a[head], b[head])) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && isSame(a[a.length - 1 - tail], b[b.length - 1 - tail])) tail++;
  const pairs: Pair[] = [];
  for (let at = 0; at < head; at++) pairs.push([at, at]);
  middle(a, b, [head, a.length - tail], [head, b.length - tail], limit, pairs);
  for (let left = tail; left > 0; left--) pairs.push([a.length - left, b.length - left]);
  return pairs;
}

type Range = readonly [from: number, to: number];

function isSame(a: Alignable | undefined, b: Alignable | undefined): boolean {
  return a !== undefined && b !== undefined && a.key === b.key && a.depth === b.depth;
}

function middle(a: readonly Alignable[], b: readonly Alignable[], ofA: Range, ofB: Range, limit: number, out: Pair[]): void {
  const [rows, columns] = [ofA[1] - ofA[0], ofB[1] - ofB[0]];
  if (rows === 0 || columns === 0) {
    for (let at = ofA[0]; at < ofA[1]; at++) out.push([at, null]);
    for (let at = ofB[0]; at < ofB[1]; at++) out.push([null, at]);
  } else if (rows * columns <= limit) {
    exact(a, b, ofA, ofB, out);
  } else {
    const anchors = anchorsOf(a, b, ofA, ofB);
    if (anchors.length === 0) return inOrder(a, b, ofA, ofB, out);
    let [fromA, fromB] = [ofA[0], ofB[0]];
    for (const [atA, atB] of anchors) {
      middle(a, b, [fromA, atA], [fromB, atB], limit, out);
      out.push([atA, atB]);
      [fromA, fromB] = [atA + 1, atB + 1];
    }
    middle(a, b, [fromA, ofA[1]], [fromB, ofB[1]], limit, out);
  }
}

const BESIDE = 1;
const ONLY_A = 2;
const ONLY_B = 3;

/** The best alignment by dynamic programming: one row of sums, one byte of direction a cell. */
function exact(a: readonly Alignable[], b: readonly Alignable[], ofA: Range, ofB: Range, out: Pair[]): void {
  const [rows, columns] = [ofA[1] - ofA[0], ofB[1] - ofB[0]];
  const known = new Map<string, number>();
  const one = numbered(a, ofA, known);
  const other = numbered(b, ofB, known);
  const way = new Uint8Array((rows + 1) * (columns + 1));
  const sums = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    const [key, kind, depth] = [one.key[row - 1] as number, one.kind[row - 1] as number, one.depth[row - 1] as number];
    const line = row * (columns + 1);
    let diagonal = 0; // the sum of the row above, one column before
    let left = 0;
    for (let column = 1; column <= columns; column++) {
      const above = sums[column] as number;
      let best = above;
      let step = ONLY_A;
      if (left >= best) {
        best = left;
        step = ONLY_B;
      }
      if (other.kind[column - 1] === kind) {
        const value = (other.key[column - 1] === key ? SAME_KEY : SAME_KIND) + (other.depth[column - 1] === depth ? SAME_DEPTH : 0);
        if (diagonal + value >= best) {
          best = diagonal + value;
          step = BESIDE;
        }
      }
      way[line + column] = step;
      sums[column] = best;
      diagonal = above;
      left = best;
    }
  }
  const found: Pair[] = [];
  let [row, column] = [rows, columns];
  while (row > 0 || column > 0) {
    const step = row === 0 ? ONLY_B : column === 0 ? ONLY_A : way[row * (columns + 1) + column];
    const atA = step === ONLY_B ? null : ofA[0] + --row;
    const atB = step === ONLY_A ? null : ofB[0] + --column;
    found.push([atA, atB]);
  }
  for (const pair of found.reverse()) out.push(pair);
}

/** Steps that occur once on both sides, the longest run of them that keeps both orders. */
function anchorsOf(a: readonly Alignable[], b: readonly Alignable[], ofA: Range, ofB: Range): (readonly [number, number])[] {
  const placesA = oncePlaces(a, ofA);
  const placesB = oncePlaces(b, ofB);
  const common = [...placesA].flatMap(([key, atA]) => {
    const atB = placesB.get(key);
    return atA >= 0 && atB !== undefined && atB >= 0 ? [[atA, atB] as const] : [];
  });
  return longestRising(common);
}

function oncePlaces(steps: readonly Alignable[], [from, to]: Range): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = from; at < to; at++) {
    const { key } = steps[at] as Alignable;
    places.set(key, places.has(key) ? -1 : at);
  }
  return places;
}

/** Of pairs that rise in the first number the longest subsequence that rises in the second too. */
function longestRising(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const ends: number[] = [];
  const before: number[] = [];
  for (const [index, [, value]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const half = (low + high) >> 1;
      if ((pairs[ends[half] as number] as readonly [number, number])[1] < value) low = half + 1;
      else high = half;
    }
    before[index] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = index;
  }
  const found: (readonly [number, number])[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] as number) found.push(pairs[at] as readonly [number, number]);
  return found.reverse();
}

/** Too large for more: each step of the first takes the next one of the second with its key. */
function inOrder(a: readonly Alignable[], b: readonly Alignable[], ofA: Range, ofB: Range, out: Pair[]): void {
  const next = new Map<string, number[]>();
  for (let at = ofB[1] - 1; at >= ofB[0]; at--) {
    const { key } = b[at] as Alignable;
    next.get(key)?.push(at) ?? next.set(key, [at]);
  }
  // No further ahead than this, so that one early match does not leave thousands without a partner.
  const reach = Math.max(64, Math.abs(ofA[1] - ofA[0] - (ofB[1] - ofB[0])) + 64);
  let fromB = ofB[0];
  for (let at = ofA[0]; at < ofA[1]; at++) {
    const places = next.get((a[at] as Alignable).key);
    while (places && places.length > 0 && (places.at(-1) as number) < fromB) places.pop();
    const found = places?.at(-1);
    if (found === undefined || found - fromB > reach) {
      out.push([at, null]);
      continue;
    }
    while (fromB < found) out.push([null, fromB++]);
    out.push([at, found]);
    fromB = found + 1;
  }
  while (fromB < ofB[1]) out.push([null, fromB++]);
}
