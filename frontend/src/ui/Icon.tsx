/** One icon set: 16 px, stroke 1.5. Kinds differ in shape, not only in colour. */
import type { ReactNode } from "react";
import type { Span, TraceSummary } from "../api/types.gen";

const SHAPES = {
  // Kinds of spans.
  llm: <path d="M8 1.8 9.6 6.4 14.2 8 9.6 9.6 8 14.2 6.4 9.6 1.8 8 6.4 6.4Z" />,
  tool: <path d="M9.9 2.2a3.4 3.4 0 0 0-3.6 4.6L2.2 10.9a1.6 1.6 0 0 0 2.3 2.3l4.1-4.1a3.4 3.4 0 0 0 4.6-3.6L11 7.4 8.6 6.8 8 4.4Z" />,
  retriever: <><path d="M2.5 3.5h7M2.5 7h3.5M2.5 10.5h3" /><circle cx="10" cy="9.5" r="3" /><path d="m12.2 11.7 2 2" /></>,
  agent: <><rect x="2.5" y="5" width="11" height="8" rx="2" /><path d="M8 5V2.2M5.8 8.6v.8M10.2 8.6v.8" /></>,
  chain: <><rect x="1.8" y="5.5" width="7" height="5" rx="2.5" /><rect x="7.2" y="5.5" width="7" height="5" rx="2.5" /></>,
  embedding: <><circle cx="4" cy="4" r="1.3" /><circle cx="12" cy="5" r="1.3" /><circle cx="5" cy="12" r="1.3" /><circle cx="11" cy="11.5" r="1.3" /><circle cx="8" cy="8" r="1.3" /></>,
  reranker: <path d="M3 4h10M3 8h7M3 12h4M12.5 8v5.5M10.8 11.8l1.7 1.7 1.7-1.7" />,
  prompt: <path d="M3 4.5 6 8l-3 3.5M8 12h5" />,
  guardrail: <path d="M8 1.8 13.2 4v4c0 3.2-2.2 5.2-5.2 6.2C5 13.2 2.8 11.2 2.8 8V4Z" />,
  evaluator: <><path d="M2.3 11.5a5.8 5.8 0 0 1 11.4 0" /><path d="m8 11.5 2.6-4" /></>,
  server: <><rect x="2.2" y="2.5" width="11.6" height="4.6" rx="1.2" /><rect x="2.2" y="8.9" width="11.6" height="4.6" rx="1.2" /><path d="M4.8 4.8h.1M4.8 11.2h.1" /></>,
  client: <path d="M2.5 8h10.5M9.3 4.2 13.2 8l-3.9 3.8" />,
  db: <><ellipse cx="8" cy="3.8" rx="5.2" ry="2" /><path d="M2.8 3.8v8.4c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2V3.8M2.8 8c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2" /></>,
  messaging: <><rect x="2" y="3.5" width="12" height="9" rx="1.5" /><path d="m2.5 4.5 5.5 4.5 5.5-4.5" /></>,
  internal: <><rect x="3" y="3" width="10" height="10" rx="2" /><path d="M8 8h.1" /></>,
  // States.
  ok: <path d="m3 8.6 3.3 3.2L13 4.6" />,
  error: <path d="m4 4 8 8M12 4l-8 8" />,
  running: <><circle cx="8" cy="8" r="5.6" strokeDasharray="6 3" /><circle cx="8" cy="8" r="1" /></>,
  unset: <path d="M4 8h8" />,
  partly: <><circle cx="8" cy="8" r="5.4" /><path d="M8 2.6a5.4 5.4 0 0 0 0 10.8Z" fill="currentcolor" /></>,
  warning: <><path d="M8 2.2 14.3 13.2H1.7Z" /><path d="M8 6.5v3M8 11.3v.1" /></>,
  // Actions and places.
  traces: <path d="M2 4h9M4.5 8h9.5M4.5 12h6" />,
  progress: <path d="M2 13.5h3V10h3V6.5h3V3h3" />,
  logs: <path d="M2.5 2.5v11M5.5 4h8M5.5 8h5.5M5.5 12h7" />,
  metrics: <path d="M2 13.5h12M2.5 10.5 6 6.5l3 2.5 4.5-6" />,
  upload: <path d="M8 10.5v-8M4.8 5.4 8 2.2l3.2 3.2M2.5 13.5h11" />,
  doctor: <path d="M1.5 8.5h3l2-5 3 9 2-4h3" />,
  sessions: <path d="M2.2 3.2h8.6v6H6.4L4 11.4V9.2H2.2ZM12.4 6.2h1.4v6h-1.6v2L9.8 12.2H7.4" />,
  dashboard: <path d="M2.5 2.5v11h11M5.5 10.5v-3M8.3 10.5V4.8M11.1 10.5V6.6" />,
  users: <><circle cx="6.2" cy="5.2" r="2.6" /><path d="M1.6 13.4c0-2.6 2-4.2 4.6-4.2s4.6 1.6 4.6 4.2M10.4 2.9a2.6 2.6 0 0 1 0 4.7M12 9.6c1.5.6 2.4 1.9 2.4 3.8" /></>,
  settings: <><path d="M2 4.5h5.6M11.4 4.5H14M2 11.5h2.6M8.4 11.5H14" /><circle cx="9.5" cy="4.5" r="1.9" /><circle cx="6.5" cy="11.5" r="1.9" /></>,
  more: <path d="M3.4 8h.1M8 8h.1M12.6 8h.1" strokeWidth="2.4" />,
  download: <path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11" />,
  again: <><path d="M13 8a5 5 0 1 1-1.6-3.7" /><path d="M13.2 1.8v3h-3" /></>,
  search: <><circle cx="7" cy="7" r="4.5" /><path d="m10.5 10.5 3.5 3.5" /></>,
  sun: <><circle cx="8" cy="8" r="3" /><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" /></>,
  moon: <path d="M13.5 9.6A6 6 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z" />,
  keys: <><rect x="1.5" y="4" width="13" height="8" rx="1.5" /><path d="M4 6.5h.1M6.7 6.5h.1M9.3 6.5h.1M12 6.5h.1M5 9.5h6" /></>,
  copy: <><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 3.5v-.3a1 1 0 0 0-1-1H3.5a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h.3" /></>,
  chevron: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  down: <path d="M3.5 6 8 10.5 12.5 6" />,
  up: <path d="M3.5 10 8 5.5l4.5 4.5" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  back: <path d="M9.5 3.5 5 8l4.5 4.5" />,
  views: <path d="M4 2.2h8v11.6L8 10.8l-4 3Z" />,
  clock: <><circle cx="8" cy="8" r="5.8" /><path d="M8 4.6V8l2.4 1.6" /></>,
  compare: <><rect x="1.8" y="3" width="5" height="10" rx="1" /><rect x="9.2" y="3" width="5" height="10" rx="1" /></>,
  facets: <path d="M2 4h12M4.5 8h7M6.5 12h3" />,
  good: <path d="M5 7.2 7.6 2c1.1 0 1.8.8 1.8 1.8v2.4h3.3a1.2 1.2 0 0 1 1.2 1.4l-.8 4.9a1.2 1.2 0 0 1-1.2 1H5ZM2.2 7.2H5v6.3H2.2Z" />,
  bad: <path d="M11 8.8 8.4 14c-1.1 0-1.8-.8-1.8-1.8V9.8H3.3a1.2 1.2 0 0 1-1.2-1.4l.8-4.9a1.2 1.2 0 0 1 1.2-1H11ZM13.8 8.8H11V2.5h2.8Z" />,
  note: <path d="M2.5 3.5h11v7.5H8L5 13.5V11H2.5ZM5.3 6h5.4M5.3 8.4h3.4" />,
  leave: <path d="M6.5 2.5h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M6.5 8h7M10.5 5l3 3-3 3" />,
  collapse: <path d="M3 8h10M5.5 2.5 8 5l2.5-2.5M5.5 13.5 8 11l2.5 2.5" />,
  rules: <><path d="M2 4.5h4.5M10 4.5h4M2 11.5h2.5M8 11.5h6" /><circle cx="8.2" cy="4.5" r="1.7" /><circle cx="6.2" cy="11.5" r="1.7" /></>,
  path: <><path d="M2 4h4.5v4H11v4h3" /><circle cx="2" cy="4" r=".6" /><circle cx="14" cy="12" r=".6" /></>,
  zoomIn: <path d="M8 3.5v9M3.5 8h9" />,
  zoomOut: <path d="M3.5 8h9" />,
  links: <path d="M6.6 9.4 9.4 6.6M7 4.6l1.3-1.3a2.9 2.9 0 0 1 4.1 4.1L11.1 8.7M9 11.4l-1.3 1.3a2.9 2.9 0 0 1-4.1-4.1l1.3-1.3" />,
  slow: <><circle cx="8" cy="8.5" r="5.3" /><path d="M8 5.5v3l2 1.4M6.5 1.5h3" /></>,
  tag: <><path d="M2.5 2.5h5l6 6-5 5-6-6Z" /><path d="M5.3 5.3h.1" /></>,
  pin: <path d="M5.5 2.2h5M6.3 2.2v4L4 9.2h8L9.7 6.2v-4M8 9.2v4.6" />,
  erase: <path d="M2.5 4.2h11M6 4.2V2.4h4v1.8M4 4.2l.7 9.4h6.6l.7-9.4M6.7 6.8v4.4M9.3 6.8v4.4" />,
  fold: <><rect x="2.5" y="2.5" width="11" height="11" rx="1.5" /><path d="M5.5 6h5M5.5 8.1h5M5.5 10.2h3" /></>,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, className }: { name: IconName; className?: string }): ReactNode {
  return (
    <svg className={className ? `icon ${className}` : "icon"} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}

export function KindIcon({ kind }: { kind: Span["kind"] }): ReactNode {
  return (
    <span className={`kind kind-${kind}`} title={kind}>
      <Icon name={kind} />
    </span>
  );
}

export const STATUS_WORDS: Record<TraceSummary["status"], string> = {
  ok: "ok",
  error: "error",
  running: "running",
  unset: "ok",
};

/** Icon and word; where there is no room the word stays for screen readers. */
export function Status({ status, quiet = false }: { status: TraceSummary["status"]; quiet?: boolean }): ReactNode {
  // Most spans of OpenTelemetry end with the status unset: nothing failed, so it reads as ok.
  return (
    <span className={`status status-${status}`}>
      <Icon name={status === "unset" ? "ok" : status} />
      <span className={quiet ? "hidden-text" : ""}>{STATUS_WORDS[status]}</span>
    </span>
  );
}
