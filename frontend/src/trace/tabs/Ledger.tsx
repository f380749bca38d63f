import { Fragment, useMemo, useState, type ReactNode } from "react";
import type { LedgerLine } from "../../api/types.gen";
import { formatCost, UNPRICED } from "../../format/cost";
import { formatCount, plural } from "../../format/numbers";
import { visible } from "../../format/text";
import { billOf, type Totals } from "../../model/bill";
import { Icon } from "../../ui/Icon";

interface Props {
  ledger: readonly LedgerLine[];
  within: ReadonlySet<string>;
  own: string;
  onSelect: (spanId: string) => void;
}

const AT_ONCE = 100;

interface Column {
  label: string;
  line: "fresh_input_tokens" | "cache_read_tokens" | "cache_write_tokens" | "output_tokens" | "reasoning_tokens";
  total: "fresh" | "cacheRead" | "cacheWrite" | "output" | "reasoning";
  /** Shown even if nothing is in it. */
  always: boolean;
}

const COLUMNS: readonly Column[] = [
  { label: "Fresh in", line: "fresh_input_tokens", total: "fresh", always: true },
  { label: "Cache read", line: "cache_read_tokens", total: "cacheRead", always: true },
  { label: "Cache write", line: "cache_write_tokens", total: "cacheWrite", always: false },
  { label: "Out", line: "output_tokens", total: "output", always: true },
  { label: "Reasoning", line: "reasoning_tokens", total: "reasoning", always: false },
];

/** Reads like a bill: the counted calls, the lines not counted and why, the total. */
export function Ledger({ ledger, within, own, onSelect }: Props): ReactNode {
  const bill = useMemo(() => billOf(ledger, within), [ledger, within]);
  const [shown, setShown] = useState(AT_ONCE);
  const columns = COLUMNS.filter((column) => column.always || bill.total[column.total] > 0);
  return (
    <div className="ledger">
      <div className="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">Call</th>
              {columns.map((column) => (
                <th key={column.line} scope="col" className="number">
                  {column.label}
                </th>
              ))}
              <th scope="col" className="number">
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {bill.counted.slice(0, shown).map((line) => (
              <Line key={line.span_id} line={line} columns={columns} own={line.span_id === own} onSelect={onSelect} />
            ))}
          </tbody>
          <tfoot>
            <TotalLine total={bill.total} columns={columns} calls={bill.counted.length} />
          </tfoot>
        </table>
      </div>
      {bill.counted.length > shown && (
        <button type="button" className="button show-all" onClick={() => setShown(shown + 10 * AT_ONCE)}>
          Show more ({formatCount(bill.counted.length - shown)} left)
        </button>
      )}
      {bill.total.unpriced > 0 && bill.total.usd !== null && (
        <p className="muted">The total is without {plural(bill.total.unpriced, "unpriced call")}.</p>
      )}
      {bill.notCounted.length > 0 && <h3>Not counted</h3>}
      <ul className="not-counted">
        {bill.notCounted.slice(0, shown).map((line) => (
          <li key={line.span_id}>
            <button type="button" className="button-text" onClick={() => onSelect(line.span_id)}>
              {visible(line.name.slice(0, 100))}
            </button>{" "}
            <span className="number">{formatCount(tokensOf(line))} tok</span>
            <span className="muted">{visible(line.not_counted_because ?? "No reason given.")}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface LineProps {
  line: LedgerLine;
  columns: readonly Column[];
  own: boolean;
  onSelect: Props["onSelect"];
}

function Line({ line, columns, own, onSelect }: LineProps): ReactNode {
  const [open, setOpen] = useState(own);
  return (
    <Fragment>
      <tr>
        <td>
          <span className="ledger-call">
            <button
              type="button"
              className="button-quiet"
              aria-expanded={open}
              aria-label="Where the numbers came from"
              onClick={() => setOpen(!open)}
            >
              <Icon name="chevron" className={open ? "turned" : ""} />
            </button>
            <button type="button" className="button-text" onClick={() => onSelect(line.span_id)}>
              {visible(line.name.slice(0, 100))}
            </button>
            {line.model && <span className="muted">{visible(line.model.slice(0, 100))}</span>}
          </span>
        </td>
        {columns.map((column) => (
          <Count key={column.line} value={line[column.line]} />
        ))}
        <td className="number" title={line.unpriced_because ?? undefined}>
          {formatCost(line.total_usd)}
        </td>
      </tr>
      {open && (
        <tr className="ledger-sources">
          <td colSpan={columns.length + 2}>
            {line.total_usd === null && (
              <p className="status-warning">
                <Icon name="warning" /> {visible(line.unpriced_because ?? "Unpriced.")}
              </p>
            )}
            <dl>
              {Object.entries(line.attributes).map(([bucket, attribute]) => (
                <div key={bucket}>
                  <dt className="muted">{visible(bucket.replace(/_/g, " "))}</dt>
                  <dd>
                    <code>{visible(attribute)}</code>
                  </dd>
                </div>
              ))}
            </dl>
            {Object.keys(line.attributes).length === 0 && <p className="muted">No token counts were sent.</p>}
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function TotalLine({ total, columns, calls }: { total: Totals; columns: readonly Column[]; calls: number }): ReactNode {
  return (
    <tr>
      <th scope="row">Total of {plural(calls, "call")}</th>
      {columns.map((column) => (
        <Count key={column.line} value={total[column.total]} />
      ))}
      <td className="number">
        <b>{total.usd === null ? UNPRICED : formatCost(total.usd)}</b>
      </td>
    </tr>
  );
}

function Count({ value }: { value: number }): ReactNode {
  return <td className={value === 0 ? "number muted" : "number"}>{formatCount(value)}</td>;
}

function tokensOf(line: LedgerLine): number {
  return (
    line.fresh_input_tokens + line.cache_read_tokens + line.cache_write_tokens + line.output_tokens + line.reasoning_tokens
  );
}
