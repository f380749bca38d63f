/** What a project keeps, out of the settings that it runs with. */
import type { ServerState, StoreKind } from "../api/types.gen";

type Settings = ServerState["settings"];
export type Age = "KEEP_DAYS" | "KEEP_DAYS_LOGS" | "KEEP_DAYS_METRICS";

/** Who keeps what where the data is not in the data folder: the ages trim only what was read from them. */
const KEEPERS: Record<Age, string> = { KEEP_DAYS: "Tempo", KEEP_DAYS_LOGS: "Loki", KEEP_DAYS_METRICS: "Prometheus" };

/** The value of a setting by the end of its variable's name; null if it is unset. */
export function settingOf(settings: Settings, name: string): string | null {
  return settings.find((one) => one.variable === `LLM_TRACING_${name}`)?.value ?? null;
}

/** How long something is kept, in words: 0 days is for good. Where backends hold the data, they decide. */
export function keptFor(settings: Settings, name: Age, kind: StoreKind["kind"]): string {
  const days = Number(settingOf(settings, name) ?? "0");
  const length = days === 1 ? "1 day" : `${days} days`;
  if (kind === "embedded") return days > 0 ? length : "for good";
  const kept = `as long as ${KEEPERS[name]} keeps them`;
  return days > 0 ? `${kept}; what was read of them ${length}` : kept;
}
