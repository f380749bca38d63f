import type { ReactNode } from "react";
import type { Buckets } from "../model/buckets";
import type { ChartSeries } from "./plot";

interface Props {
  title: string;
  buckets: Buckets;
  series: readonly ChartSeries[];
  format: (value: number | null) => string;
  timeLabel: (index: number) => string;
  onOpen: (index: number) => void;
}

/** A chart as a table: the buckets in which anything happened, each with the way to its traces. */
export function ChartTable({ title, buckets, series, format, timeLabel, onOpen }: Props): ReactNode {
  const told = buckets.starts.map((_, at) => at).filter((at) => series.some((one) => (one.values[at] ?? 0) !== 0));
  return (
    <div className="chart-table" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((one) => (
              <th key={one.label} scope="col" className="number">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {told.map((at) => (
            <tr key={at}>
              <th scope="row">
                <button type="button" className="button-text" onClick={() => onOpen(at)}>
                  {timeLabel(at)}
                </button>
              </th>
              {series.map((one) => (
                <td key={one.label} className="number">
                  {format(one.values[at] ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {told.length === 0 && <p className="muted">Nothing in this time.</p>}
    </div>
  );
}
