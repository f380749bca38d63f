import { useMemo, useState, type CSSProperties, type ReactNode } from "react";
import type { LedgerLine } from "../../api/types.gen";
import { formatCost, UNPRICED } from "../../format/cost";
import { formatCount, plural } from "../../format/numbers";
import { billOf, COLUMNS, type Column, type Totals } from "../../model/bill";
import { CountedLine, NotCountedLine } from "./LedgerLines";
import { OnAnotherModel } from "./OnAnotherModel";

interface Props {
  traceId: string;
  ledger: readonly LedgerLine[];
  within: ReadonlySet<string>;
  own: string;
  onSelect: (spanId: string) => void;
}

const AT_ONCE = 100;

/** Reads like a bill: the counted calls, the lines not counted and why, the total. */
export function Ledger({ traceId, ledger, within, own, onSelect }: Props): ReactNode {
  const bill = useMemo(() => billOf(ledger, within), [ledger, within]);
  const [shown, setShown] = useState(AT_ONCE);
  const columns = COLUMNS.filter((column) => column.always || bill.total[column.total] > 0);
  const left = bill.counted.length - shown;
  return (
    <div className="ledger">
      <div className="ledger-parts">
        <section className="bill" aria-label="The bill">
          <table style={{ "--columns": columns.length } as CSSProperties}>
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
                <CountedLine key={line.span_id} line={line} columns={columns} own={line.span_id === own} onSelect={onSelect} />
              ))}
              {left > 0 && (
                <tr>
                  <td colSpan={columns.length + 2}>
                    <button type="button" className="button" onClick={() => setShown(shown + 10 * AT_ONCE)}>
                      Show more ({formatCount(left)} left)
                    </button>
                  </td>
                </tr>
              )}
            </tbody>
            {bill.notCounted.length > 0 && (
              <tbody className="bill-not-counted">
                {bill.notCounted.slice(0, shown).map((line) => (
                  <NotCountedLine key={line.span_id} line={line} columns={columns.length + 2} onSelect={onSelect} />
                ))}
              </tbody>
            )}
            <tfoot>
              <TotalLine total={bill.total} columns={columns} calls={bill.counted.length} />
            </tfoot>
          </table>
          <p className="muted bill-note">
            {bill.total.unpriced > 0 && bill.total.usd !== null && `The total is without ${plural(bill.total.unpriced, "unpriced call")}. `}
            Unit prices are per million tokens.
          </p>
        </section>
        {bill.counted.length > 0 && <OnAnotherModel traceId={traceId} within={within} actual={bill.total.usd} />}
      </div>
    </div>
  );
}

function TotalLine({ total, columns, calls }: { total: Totals; columns: readonly Column[]; calls: number }): ReactNode {
  return (
    <tr>
      <th scope="row">Total of {plural(calls, "call")}</th>
      {columns.map((column) => (
        <td key={column.line} className={total[column.total] === 0 ? "number muted" : "number"} data-label={column.label}>
          {formatCount(total[column.total])}
        </td>
      ))}
      <td className="number bill-amount" title={total.usd === null ? "No price known." : `$${total.usd}`}>
        {total.usd === null ? UNPRICED : formatCost(total.usd)}
      </td>
    </tr>
  );
}
