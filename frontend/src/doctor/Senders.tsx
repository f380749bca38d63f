import { Fragment, useState, type ReactNode } from "react";
import type { Sender } from "../api/types.gen";
import { formatCount, plural } from "../format/numbers";
import { oneLine, visible } from "../format/text";
import { formatExactTime } from "../format/time";
import { ago, clockWords, COLUMNS, type Column } from "../model/doctor";
import { Icon } from "../ui/Icon";

interface Props {
  senders: readonly Sender[];
  nowNs: string;
}

/** A row a sender, its counts in the order of a span's way; a row opens to how it sends. */
export function Senders({ senders, nowNs }: Props): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (name: string): void => {
    const next = new Set(open);
    if (!next.delete(name)) next.add(name);
    setOpen(next);
  };
  return (
    <section aria-labelledby="senders-title">
      <h2 id="senders-title">Senders</h2>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Table of senders">
        <table className="senders">
          <thead>
            <tr>
              <th scope="col">Sender</th>
              {COLUMNS.map((column) => (
                <th key={column.name} scope="col" className="number" title={column.means}>
                  {column.name}
                </th>
              ))}
              <th scope="col" className="number">
                Last seen
              </th>
            </tr>
          </thead>
          <tbody>
            {senders.map((sender) => (
              <Fragment key={sender.sender}>
                <tr className="sender">
                  <th scope="row">
                    <div className="sender-head">
                      <button
                        type="button"
                        className="button-quiet"
                        aria-expanded={open.has(sender.sender)}
                        aria-label={`How ${visible(sender.sender)} sends`}
                        onClick={() => toggle(sender.sender)}
                      >
                        <Icon name="chevron" className={open.has(sender.sender) ? "turned" : ""} />
                      </button>
                      <span className="sender-name">
                        <span title={visible(sender.sender)}>{oneLine(sender.sender, 80)}</span>
                        <span className="muted">{summary(sender)}</span>
                      </span>
                    </div>
                  </th>
                  {COLUMNS.map((column) => (
                    <Count key={column.name} column={column} sender={sender} />
                  ))}
                  <td className="number" data-label="Last seen" title={sender.last_seen_unix_nano === "0" ? "" : formatExactTime(sender.last_seen_unix_nano)}>
                    {ago(sender.last_seen_unix_nano, nowNs)}
                  </td>
                </tr>
                {open.has(sender.sender) && (
                  <tr className="sender-open">
                    <td colSpan={COLUMNS.length + 2}>
                      <Details sender={sender} />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Count({ column, sender }: { column: Column; sender: Sender }): ReactNode {
  const value = column.of(sender);
  if (value === 0) {
    return (
      <td className="number count-none" data-label={column.name}>
        –
      </td>
    );
  }
  return (
    <td className={`number ${column.bad ? "status-warning" : ""}`} data-label={column.name}>
      {column.bad && <Icon name="warning" />}
      {formatCount(value)}
    </td>
  );
}

function summary(sender: Sender): string {
  return visible([...Object.keys(sender.ways), ...sender.recent.sdks].join(" · ")) || "nothing that could be read";
}

function Details({ sender }: { sender: Sender }): ReactNode {
  const { recent } = sender;
  const clock = clockWords(sender.clock_offset_ns);
  const rows: readonly (readonly [string, ReactNode])[] = [
    ["Sends by", Object.entries(sender.ways).map(([way, count]) => `${way} (${plural(count, "request")})`).join(", ")],
    ["SDK", recent.sdks.join(", ")],
    ["Scopes", recent.scopes.map((scope) => `${`${scope.name} ${scope.version}`.trim() || "unnamed"} (${plural(scope.spans, "span")})`).join(", ")],
    ["Stored", `${plural(sender.stored, "span")} since the start; ${plural(recent.spans, "span")} of this time, ${formatCount(recent.running)} not ended`],
    ["Clock", clock],
    ["LLM calls", recent.calls > 0 ? `${plural(recent.calls, "call")} with tokens, ${formatCount(recent.silent_calls)} without prompt and answer` : null],
    ["Without a price", recent.unpriced.map((one) => `${[one.provider, one.model].filter(Boolean).join("/")} (${plural(one.calls, "call")})`).join(", ")],
    ["Refused", Object.entries(sender.refused).map(([reason, count]) => `${formatCount(count)} ${reason.replaceAll("_", " ")}`).join(", ")],
    ["Last error", sender.last_error && `${formatExactTime(sender.last_error.time_unix_nano)}: ${sender.last_error.message}`],
  ];
  return (
    <dl className="sender-details">
      {rows
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? visible(value) : value}</dd>
          </div>
        ))}
    </dl>
  );
}
