/** The pages in the order of the rail. A new one is a line here. */
import type { Action } from "../keys";
import type { IconName } from "../ui/Icon";

export interface Place {
  to: "/" | "/sessions" | "/dashboard" | "/models" | "/users" | "/logs" | "/metrics-explorer" | "/progress" | "/doctor" | "/settings";
  /** The action of the keys that lead there. */
  go: Action;
  icon: IconName;
  name: string;
  /** Said on hover. */
  about: string;
}

export const PLACES: readonly Place[] = [
  { to: "/", go: "goTraces", icon: "traces", name: "Traces", about: "Every request, newest first" },
  { to: "/sessions", go: "goSessions", icon: "sessions", name: "Sessions", about: "Conversations over many traces" },
  { to: "/dashboard", go: "goDashboard", icon: "dashboard", name: "Dashboard", about: "Requests, latency, tokens and cost over time" },
  { to: "/logs", go: "goLogs", icon: "logs", name: "Logs", about: "Log records and the output of programs" },
  { to: "/metrics-explorer", go: "goMetrics", icon: "metrics", name: "Metrics", about: "Every metric that arrived" },
  { to: "/models", go: "goModels", icon: "llm", name: "Models", about: "Calls, latency, tokens and cost by model" },
  { to: "/users", go: "goUsers", icon: "users", name: "Users", about: "Who asked" },
  { to: "/progress", go: "goProgress", icon: "progress", name: "Progress", about: "Ways to observe a service, side by side" },
  { to: "/doctor", go: "goDoctor", icon: "doctor", name: "Doctor", about: "What senders send" },
  { to: "/settings", go: "goSettings", icon: "settings", name: "Settings", about: "What the server runs with" },
];

/** Pages of a time: the way from one to another keeps it. */
export const WITH_RANGE: readonly Place["to"][] = ["/", "/sessions", "/dashboard", "/models", "/users", "/logs", "/metrics-explorer"];

/** How many have room in the bottom bar of a phone, beside "More". */
export const ON_A_PHONE = 4;
