/** Rows in a tool's result, in the shapes such results have. */
import { openJson } from "../format/text";
import { isRecord } from "./statement";

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly unknown[])[];
  /** The result says itself that it was cut. */
  truncated: boolean;
}

/**
 * `{columns, rows}`, a list of objects, a list of lists, or JSON text of one of them; null for anything else.
 * Objects with different keys give the union of the keys, in the order they appear.
 */
export function tableIn(result: unknown): Table | null {
  const value = openJson(result);
  if (isRecord(value)) {
    const rows = value["rows"];
    if (!Array.isArray(rows)) return null;
    const names = value["columns"];
    const inner = fromList(rows, Array.isArray(names) ? names.map(columnName) : null);
    return inner && { ...inner, truncated: value["truncated"] === true };
  }
  return Array.isArray(value) && value.length > 0 ? fromList(value, null) : null;
}

function columnName(column: unknown): string {
  if (typeof column === "string") return column;
  if (isRecord(column) && typeof column["name"] === "string") return column["name"];
  return JSON.stringify(column) ?? "";
}

function fromList(list: readonly unknown[], names: readonly string[] | null): Table | null {
  if (list.every(Array.isArray)) {
    const rows = list as readonly (readonly unknown[])[];
    const width = rows.reduce((most, row) => Math.max(most, row.length), names?.length ?? 0);
    const columns = Array.from({ length: width }, (_, index) => names?.[index] ?? String(index + 1));
    return { columns, rows, truncated: false };
  }
  if (list.every(isRecord)) {
    const columns = names ?? [...new Set(list.flatMap((row) => Object.keys(row)))];
    return { columns, rows: list.map((row) => columns.map((name) => row[name])), truncated: false };
  }
  return null;
}
