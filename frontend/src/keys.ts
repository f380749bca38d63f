/** Every key of the UI, in one table: the dialog shows it, `useKeys` obeys it. */

export type Place = "everywhere" | "bar" | "traces" | "trace" | "progress" | "doctor" | "dashboard" | "lists" | "compare" | "logs" | "metrics";

export interface Key {
  keys: readonly string[];
  does: string;
  place: Place;
}

export const KEYS = {
  help: { keys: ["?"], does: "Show all keys", place: "everywhere" },
  theme: { keys: ["t"], does: "Change between dark and light", place: "everywhere" },
  goTraces: { keys: ["g t"], does: "Go to the traces", place: "everywhere" },
  goSessions: { keys: ["g s"], does: "Go to the sessions", place: "everywhere" },
  goDashboard: { keys: ["g b"], does: "Go to the dashboard", place: "everywhere" },
  goLogs: { keys: ["g l"], does: "Go to the logs", place: "everywhere" },
  goMetrics: { keys: ["g m"], does: "Go to the metrics", place: "everywhere" },
  goModels: { keys: ["g o"], does: "Go to the models", place: "everywhere" },
  goUsers: { keys: ["g u"], does: "Go to the users", place: "everywhere" },
  goProgress: { keys: ["g p"], does: "Go to the progress", place: "everywhere" },
  goDoctor: { keys: ["g d"], does: "Go to the doctor", place: "everywhere" },
  goSettings: { keys: ["g ,"], does: "Go to the settings", place: "everywhere" },
  filter: { keys: ["/"], does: "Go to the filter", place: "bar" },
  range: { keys: ["r"], does: "Time range", place: "bar" },
  views: { keys: ["v"], does: "Saved views", place: "bar" },
  live: { keys: ["l"], does: "Live on or off", place: "bar" },
  previousPoint: { keys: ["ArrowLeft"], does: "Previous point, on a chart", place: "dashboard" },
  nextPoint: { keys: ["ArrowRight"], does: "Next point, on a chart", place: "dashboard" },
  openPoint: { keys: ["Enter"], does: "The traces behind the point", place: "dashboard" },
  noPoint: { keys: ["Escape"], does: "Leave the point", place: "dashboard" },
  nextRow: { keys: ["j", "ArrowDown"], does: "Next row", place: "lists" },
  previousRow: { keys: ["k", "ArrowUp"], does: "Previous row", place: "lists" },
  leaveList: { keys: ["Escape"], does: "Back to the list", place: "lists" },
  nextLog: { keys: ["j", "ArrowDown"], does: "Open the next record", place: "logs" },
  previousLog: { keys: ["k", "ArrowUp"], does: "Open the record before", place: "logs" },
  closeLog: { keys: ["Escape"], does: "Close the record", place: "logs" },
  logTrace: { keys: ["Enter"], does: "To the trace of the record", place: "logs" },
  metricTable: { keys: ["c"], does: "Chart or table", place: "metrics" },
  metricList: { keys: ["Escape"], does: "Back to all metrics", place: "metrics" },
  nextTrace: { keys: ["j", "ArrowDown"], does: "Next trace", place: "traces" },
  previousTrace: { keys: ["k", "ArrowUp"], does: "Previous trace", place: "traces" },
  openTrace: { keys: ["Enter"], does: "Open the trace", place: "traces" },
  pick: { keys: ["x"], does: "Select the trace; two are compared", place: "traces" },
  unpick: { keys: ["Escape"], does: "Let go of the selected trace", place: "traces" },
  histogram: { keys: ["b"], does: "Go to the histogram", place: "traces" },
  nextSpan: { keys: ["j", "ArrowDown"], does: "Next row", place: "trace" },
  previousSpan: { keys: ["k", "ArrowUp"], does: "Previous row", place: "trace" },
  fold: { keys: ["h", "ArrowLeft"], does: "Fold, or go to the parent", place: "trace" },
  unfold: { keys: ["l", "ArrowRight"], does: "Unfold", place: "trace" },
  openFolds: { keys: ["f"], does: "Open or close all badges", place: "trace" },
  nextError: { keys: ["e"], does: "Next error", place: "trace" },
  newerTrace: { keys: ["["], does: "Previous trace of the list", place: "trace" },
  olderTrace: { keys: ["]"], does: "Next trace of the list", place: "trace" },
  tabs: { keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], does: "Show a tab", place: "trace" },
  find: { keys: ["/"], does: "Find in the trace", place: "trace" },
  nextFound: { keys: ["n"], does: "Next place that was found", place: "trace" },
  previousFound: { keys: ["N"], does: "Previous place that was found", place: "trace" },
  collapseAll: { keys: ["x"], does: "Fold all steps, or open them again", place: "trace" },
  zoomIn: { keys: ["+", "="], does: "Look closer at the time", place: "trace" },
  zoomOut: { keys: ["-"], does: "Look from further away", place: "trace" },
  zoomReset: { keys: ["0"], does: "Show the whole time", place: "trace" },
  zoomSpan: { keys: ["z"], does: "Look closer at the selected span", place: "trace" },
  panLeft: { keys: [","], does: "Earlier", place: "trace" },
  panRight: { keys: ["."], does: "Later", place: "trace" },
  criticalPath: { keys: ["p"], does: "Mark the critical path, or not", place: "trace" },
  nextView: { keys: ["v"], does: "Next view (story, all spans, ...)", place: "trace" },
  foldRules: { keys: ["r"], does: "Show the folding rules", place: "trace" },
  wider: { keys: [">"], does: "Wider tree", place: "trace" },
  narrower: { keys: ["<"], does: "Narrower tree", place: "trace" },
  pin: { keys: ["P"], does: "Pin the trace, or not", place: "trace" },
  copy: { keys: ["c"], does: "Copy the tab's content", place: "trace" },
  lens: { keys: ["q"], does: "Questions and their SQL, or back to the story", place: "trace" },
  cellDown: { keys: ["j", "ArrowDown"], does: "Next line", place: "progress" },
  cellUp: { keys: ["k", "ArrowUp"], does: "Previous line", place: "progress" },
  cellLeft: { keys: ["h", "ArrowLeft"], does: "Previous approach", place: "progress" },
  cellRight: { keys: ["l", "ArrowRight"], does: "Next approach", place: "progress" },
  closeCell: { keys: ["Escape"], does: "Close the evidence", place: "progress" },
  back: { keys: ["Escape"], does: "Close the panel (phone), or back to the list", place: "trace" },
  nextFinding: { keys: ["j", "ArrowDown"], does: "Next finding", place: "doctor" },
  previousFinding: { keys: ["k", "ArrowUp"], does: "Previous finding", place: "doctor" },
  longerWindow: { keys: ["w"], does: "Look back further", place: "doctor" },
  readAgain: { keys: ["r"], does: "Look again", place: "doctor" },
  nextPair: { keys: ["j", "ArrowDown"], does: "Next pair of steps", place: "compare" },
  previousPair: { keys: ["k", "ArrowUp"], does: "Previous pair of steps", place: "compare" },
  nextDifference: { keys: ["n"], does: "Next difference", place: "compare" },
  previousDifference: { keys: ["N"], does: "Previous difference", place: "compare" },
  onlyDifferent: { keys: ["o"], does: "Only what differs, or all", place: "compare" },
  swap: { keys: ["x"], does: "Swap the two traces", place: "compare" },
  leaveCompare: { keys: ["Escape"], does: "Close the pair, or go back to the list", place: "compare" },
  leaveDoctor: { keys: ["Escape"], does: "Back to the list", place: "doctor" },
} as const satisfies Record<string, Key>;

export type Action = keyof typeof KEYS;

const NAMES: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "enter",
  Escape: "esc",
};

/** The first of two keys that lead to a page. */
export const GO = "g";

/** The action of the key after `g`. */
export function goal(key: string): Action | undefined {
  return (Object.keys(KEYS) as Action[]).find((action) => (KEYS[action].keys as readonly string[]).includes(`${GO} ${key}`));
}

export function keyName(key: string): string {
  return NAMES[key] ?? key;
}

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The action a key stands for among those on offer; none with Ctrl, Alt or the command key held. */
export function actionOf(event: Pressed, offered: readonly Action[]): Action | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return offered.find((action) => (KEYS[action].keys as readonly string[]).includes(event.key));
}
