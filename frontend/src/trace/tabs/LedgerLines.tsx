import { Fragment, useState, type ReactNode } from "react";
import type { LedgerLine } from "../../api/types.gen";
import { formatCost, formatUnitPrice } from "../../format/cost";
import { formatCount } from "../../format/numbers";
import { visible } from "../../format/text";
import { BUCKET_LABELS, tokensOf, unitPrice, type Column } from "../../model/bill";
import { Icon } from "../../ui/Icon";

interface LineProps {
  line: LedgerLine;
  columns: readonly Column[];
  own: boolean;
  onSelect: (spanId: string) => void;
}

/** One counted call: counts with their unit prices below, and what they come to. */
export function CountedLine({ line, columns, own, onSelect }: LineProps): ReactNode {
  const [open, setOpen] = useState(own);
  return (
    <Fragment>
      <tr className="bill-line">
        <td className="bill-call">
          <Opener open={open} onToggle={() => setOpen(!open)} />
          <span className="bill-name">
            <button type="button" className="button-text cut" onClick={() => onSelect(line.span_id)}>
              {visible((line.model ?? line.name).slice(0, 100))}
            </button>
            {line.model !== null && !line.name.includes(line.model) && <span className="muted cut">{visible(line.name.slice(0, 100))}</span>}
          </span>
          {line.total_disagrees && (
            <span className="status-warning" title={disagreement(line)}>
              <Icon name="warning" />
              <span className="hidden-text">{disagreement(line)}</span>
            </span>
          )}
        </td>
        {columns.map((column) => (
          <Count key={column.line} label={column.label} value={line[column.line]} price={unitPrice(line, column)} />
        ))}
        <td className="number bill-amount" title={line.unpriced_because ?? (line.total_usd === null ? undefined : `$${line.total_usd}`)}>
          {formatCost(line.total_usd)}
        </td>
      </tr>
      {open && (
        <tr className="bill-open">
          <td colSpan={columns.length + 2}>
            <Details line={line} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

export function NotCountedLine({ line, columns, onSelect }: { line: LedgerLine; columns: number; onSelect: LineProps["onSelect"] }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <Fragment>
      <tr className="bill-line">
        <td colSpan={columns - 1} className="bill-call">
          <Opener open={open} onToggle={() => setOpen(!open)} />
          <span className="bill-name">
            <button type="button" className="button-text cut" onClick={() => onSelect(line.span_id)}>
              {visible(line.name.slice(0, 100))}
            </button>
            <span className="muted">
              {visible(line.not_counted_because ?? "Not counted.")} <span className="number">{formatCount(tokensOf(line))} tok</span>
            </span>
          </span>
        </td>
        <td className="number muted bill-amount" title="Not counted">
          –
        </td>
      </tr>
      {open && (
        <tr className="bill-open">
          <td colSpan={columns}>
            <Details line={line} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function Opener({ open, onToggle }: { open: boolean; onToggle: () => void }): ReactNode {
  return (
    <button type="button" className="button-quiet" aria-expanded={open} aria-label="Where the numbers came from" onClick={onToggle}>
      <Icon name="chevron" className={open ? "turned" : ""} />
    </button>
  );
}

function Count({ label, value, price }: { label: string; value: number; price: string | null }): ReactNode {
  return (
    <td className={value === 0 ? "number muted bill-none" : "number"} data-label={label}>
      {formatCount(value)}
      {value > 0 && price !== null && <span className="bill-price">{price === "several" ? "several prices" : `× ${formatUnitPrice(price)}`}</span>}
    </td>
  );
}

/** Bucket by bucket: tokens, unit price, amount, and the attribute the number came from. */
function Details({ line }: { line: LedgerLine }): ReactNode {
  return (
    <div className="bill-details">
      {line.unpriced_because !== null && (
        <p className="status-warning">
          <Icon name="warning" /> {visible(line.unpriced_because)}
        </p>
      )}
      {line.buckets.length === 0 ? (
        <p className="muted">No token counts were sent.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Bucket</th>
              <th scope="col" className="number">Tokens</th>
              {line.counted && <th scope="col" className="number">Per million</th>}
              {line.counted && <th scope="col" className="number">Amount</th>}
              <th scope="col">From attribute</th>
            </tr>
          </thead>
          <tbody>
            {line.buckets.map((one) => (
              <tr key={one.bucket}>
                <td>{BUCKET_LABELS[one.bucket]}</td>
                <td className="number">{formatCount(one.tokens)}</td>
                {line.counted && <td className="number">{one.usd_per_million === null ? "–" : formatUnitPrice(one.usd_per_million)}</td>}
                {line.counted && (
                  <td className="number" title={one.usd === null ? undefined : `$${one.usd}`}>
                    {formatCost(one.usd)}
                  </td>
                )}
                <td className="bill-attribute">{one.attribute === null ? <span className="muted">not said</span> : <Attribute name={visible(one.attribute)} />}</td>
              </tr>
            ))}
            {line.call_usd !== null && (
              <tr>
                <td colSpan={3}>The call itself</td>
                <td className="number">{formatCost(line.call_usd)}</td>
                <td />
              </tr>
            )}
          </tbody>
        </table>
      )}
      <Notes line={line} />
    </div>
  );
}

/** The name of an attribute, which may break after its dots. */
function Attribute({ name }: { name: string }): ReactNode {
  return (
    <code>
      {name.split(/(?<=\.)/).map((part, at) => (
        <Fragment key={at}>
          {at > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </code>
  );
}

function Notes({ line }: { line: LedgerLine }): ReactNode {
  return (
    <ul className="bill-notes muted">
      {line.price_source !== null && (
        <li>
          Prices: {visible(line.price_source)}
          {line.priced_as !== null && `, ${visible(line.priced_as)}`}
        </li>
      )}
      {line.client_usd !== null && <li title={`$${line.client_usd}`}>The client says {formatCost(line.client_usd)}.</li>}
      {line.total_disagrees && <li className="status-warning">{disagreement(line)}</li>}
    </ul>
  );
}

function disagreement(line: LedgerLine): string {
  const [sent, sum] = [formatCount(line.provider_total_tokens ?? 0), formatCount(tokensOf(line))];
  return `${visible(line.provider_total_attribute ?? "The client's total")} says ${sent} tokens, the buckets hold ${sum}.`;
}
