/** The pages in the order of the rail. A new one is a line here. */
import type { IconName } from "../ui/Icon";

export interface Place {
  to: "/" | "/sessions" | "/dashboard" | "/models" | "/users" | "/logs" | "/metrics-explorer" | "/progress" | "/doctor" | "/settings";
  icon: IconName;
  name: string;
  /** Said on hover. */
  about: string;
}

export const PLACES: readonly Place[] = [
  { to: "/", icon: "traces", name: "Traces", about: "Every request, newest first" },
  { to: "/sessions", icon: "sessions", name: "Sessions", about: "Conversations over many traces" },
  { to: "/dashboard", icon: "dashboard", name: "Dashboard", about: "Requests, latency, tokens and cost over time (b)" },
  { to: "/logs", icon: "logs", name: "Logs", about: "Log records and the output of programs (o)" },
  { to: "/metrics-explorer", icon: "metrics", name: "Metrics", about: "Every metric that arrived (m)" },
  { to: "/models", icon: "llm", name: "Models", about: "Calls, latency, tokens and cost by model" },
  { to: "/users", icon: "users", name: "Users", about: "Who asked" },
  { to: "/progress", icon: "progress", name: "Progress", about: "Ways to observe a service, side by side" },
  { to: "/doctor", icon: "doctor", name: "Doctor", about: "What senders send (d)" },
  { to: "/settings", icon: "settings", name: "Settings", about: "What the server runs with" },
];

/** How many have room in the bottom bar of a phone, beside "More". */
export const ON_A_PHONE = 4;
