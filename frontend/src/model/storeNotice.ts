/** What is to be said of where the data lies: why nothing new is kept, which backend fails, and how new lists are. */
import type { StoreKind } from "../api/types.gen";

export interface Trouble {
  key: string;
  /** Which folder or backend, where, and what it answered. */
  said: string;
  /** What it means for who looks and who sends. */
  means: string;
  hint: string | null;
}

/** The data folder that takes nothing new, then one for each backend and answer. */
export function troublesOf(store: StoreKind): Trouble[] {
  const folder = store.not_written;
  const own = folder === null ? [] : [{ key: "data folder", said: folder.said, means: NOTHING_NEW, hint: folder.hint }];
  const objects = store.objects_trouble;
  const ofObjects = objects ? [{ key: "objects", said: objects.said, means: OBJECTS, hint: objects.hint }] : [];
  return [...own, ...backendTroubles(store), ...ofObjects];
}

/** A backend that neither reads nor writes for one reason is told once. */
function backendTroubles(store: StoreKind): Trouble[] {
  return store.backends.flatMap((backend) => {
    const reading = backend.troubles.find((one) => one.doing === "reading");
    const writing = backend.troubles.find((one) => one.doing === "writing");
    const same = reading !== undefined && writing !== undefined && reading.reason === writing.reason;
    return backend.troubles
      .filter((one) => !(same && one.doing === "writing"))
      .map((one) => ({
        key: `${backend.name} ${one.doing}`,
        said: `${backend.name} at ${one.address}: ${one.said}.`,
        means: same ? `${READS} ${WRITES}` : one.doing === "reading" ? READS : WRITES,
        hint: one.hint,
      }));
  });
}

const NOTHING_NEW = "Nothing new is kept; senders come again.";
const OBJECTS = "Annotations, views and pins are not taken, and those of other servers not seen.";
const READS = "What was read before is shown.";
const WRITES = "Nothing that it must keep is acknowledged; senders come again.";

/** How far lists are behind, in words; null where they are not. */
export function lagOf(store: StoreKind): string | null {
  const lag = store.search_lag_s;
  if (store.kind !== "lgtm" || !lag) return null;
  return `Lists show what others sent after about ${lag < 90 ? `${Math.round(lag)} s` : `${Math.round(lag / 60)} min`}; a trace opened by its id is there at once.`;
}

/** Since when figures rest on every trace, where that is later than the range that was asked for; else null. */
export function shortOf(store: StoreKind | undefined, since: bigint | undefined): bigint | null {
  const whole = store?.traces_since_unix_nano;
  if (store?.kind !== "lgtm" || whole === null || whole === undefined || BigInt(whole) === 0n) return null;
  return since === undefined || since < BigInt(whole) ? BigInt(whole) : null;
}

/** Why something cannot be done with this store; null if it can, or if that is not known yet. */
export function missingWhy(store: StoreKind | undefined, feature: string): string | null {
  return store?.missing.find((one) => one.feature === feature)?.reason ?? null;
}
