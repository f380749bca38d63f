/** What the server cut of a value that was over its limit, and says so in an attribute of its own. */

/** Holds the bytes that each cut attribute had. */
const CUT = "llm_tracing.cut";

/** Bytes that each cut attribute had, by its name. */
export function cutOf(attributes: Record<string, unknown>): ReadonlyMap<string, number> {
  const said = attributes[CUT];
  if (typeof said !== "object" || said === null || Array.isArray(said)) return new Map();
  return new Map(Object.entries(said).flatMap(([name, size]): [string, number][] => {
    const bytes = Number(size);
    return Number.isFinite(bytes) && bytes > 0 ? [[name, bytes]] : [];
  }));
}
