/** What a project keeps, out of the settings that it runs with. */
import type { ServerState } from "../api/types.gen";

type Settings = ServerState["settings"];

/** The value of a setting by the end of its variable's name; null if it is unset. */
export function settingOf(settings: Settings, name: string): string | null {
  return settings.find((one) => one.variable === `LLM_TRACING_${name}`)?.value ?? null;
}

/** How long something is kept, in words: 0 days is for good. */
export function keptFor(settings: Settings, name: string): string {
  const days = Number(settingOf(settings, name) ?? "0");
  if (!(days > 0)) return "for good";
  return days === 1 ? "1 day" : `${days} days`;
}
