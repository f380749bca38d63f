/** The comparison of the approaches: which cell is looked at, and the way from one to the next. */
import type { Progress, ProgressCell, ProgressColumn, ProgressRow } from "../api/types.gen";
import type { IconName } from "../ui/Icon";

export type Verdict = ProgressCell["verdict"];

/** What is looked at: an approach, or one column of it. In the address `json` or `json.tokens`. */
export interface Place {
  row: ProgressRow;
  column: ProgressColumn | undefined;
  cell: ProgressCell | undefined;
}

export const VERDICTS: Record<Verdict, { word: string; icon: IconName | undefined }> = {
  yes: { word: "yes", icon: "ok" },
  partly: { word: "partly", icon: "partly" },
  no: { word: "no", icon: "unset" },
  unknown: { word: "not known", icon: undefined },
  number: { word: "", icon: undefined },
};

export const GROUPS: readonly (readonly [ProgressColumn["group"], string])[] = [
  ["seen", "What is seen"],
  ["cost", "What it costs, a question"],
];

export function placeKey(approach: string, column?: string): string {
  return column === undefined ? approach : `${approach}.${column}`;
}

export function findPlace(progress: Progress, key: string | undefined): Place | undefined {
  if (key === undefined) return undefined;
  const at = key.indexOf(".");
  const name = at < 0 ? key : key.slice(0, at);
  const row = progress.rows.find((one) => one.approach === name);
  if (!row) return undefined;
  const column = progress.columns.find((one) => at >= 0 && one.name === key.slice(at + 1));
  return { row, column, cell: column && cellOf(row, column.name) };
}

export function cellOf(row: ProgressRow, column: string): ProgressCell | undefined {
  return row.cells.find((cell) => cell.column === column);
}

/** The word beside the verdict's own, if it says more than that. */
export function wordOf(cell: ProgressCell): string {
  return cell.word === VERDICTS[cell.verdict].word ? "" : cell.word;
}

/** The neighbour of a cell, `down` and `right` by one or minus one; the edge stays where it is. */
export function step(progress: Progress, key: string | undefined, down: number, right: number): string | undefined {
  const rows = progress.rows.filter((row) => row.outcome === "ran");
  const first = rows[0];
  if (!first || progress.columns.length === 0) return undefined;
  const [approach, column] = key?.split(".") ?? [];
  const x = rows.findIndex((row) => row.approach === approach);
  const y = progress.columns.findIndex((one) => one.name === column);
  const clamp = (value: number, length: number): number => Math.min(length - 1, Math.max(0, value));
  if (x < 0 || y < 0) return placeKey((rows[x] ?? first).approach, progress.columns[0]?.name);
  return placeKey(rows[clamp(x + right, rows.length)]?.approach ?? "", progress.columns[clamp(y + down, progress.columns.length)]?.name);
}
