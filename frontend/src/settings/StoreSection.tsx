import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import type { StoreKind } from "../api/types.gen";
import { plural } from "../format/numbers";
import { visible } from "../format/text";
import { formatTime } from "../format/time";
import { lagOf } from "../model/storeNotice";

/** Where the data lies when it is not the data folder: the backends, how new lists are, and what cannot be done. */
export function StoreSection(): ReactNode {
  const { data } = useQuery(boards.store());
  if (data?.kind !== "lgtm") return null;
  return (
    <section aria-label="Where the data lies" data-testid="store">
      <h2>Where the data lies</h2>
      <p>
        In Tempo, Loki and Prometheus{data.objects !== null && <>, long texts in <code>{visible(data.objects)}</code></>}. The data folder is a window over them.{" "}
        {lagOf(data)}
      </p>
      <Backends backends={data.backends} />
      <p className="muted">{reach(data)}</p>
      <details>
        <summary>What this store cannot do</summary>
        <ul>
          {data.missing.map((one) => (
            <li key={one.feature}>{visible(one.reason)}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Backends({ backends }: { backends: StoreKind["backends"] }): ReactNode {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="Backends">
      <table className="backends">
        <thead>
          <tr>
            <th scope="col">Backend</th>
            <th scope="col">Asked at</th>
            <th scope="col">Takes OTLP at</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {backends.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td>
                <code>{visible(one.address)}</code>
              </td>
              <td>
                <code>{visible(one.otlp_address)}</code>
              </td>
              <td>{one.ok ? answered(one) : one.troubles.map((trouble) => <div key={trouble.doing}>{visible(`${trouble.doing}: ${trouble.said}. ${trouble.hint ?? ""}`)}</div>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function answered(one: StoreKind["backends"][number]): string {
  return one.answered_unix_nano === null ? "not asked yet" : `answered at ${formatTime(one.answered_unix_nano)}`;
}

function reach(store: StoreKind): string {
  const parts: string[] = [];
  if (store.traces_since_unix_nano !== null) parts.push(`Figures rest on every trace since ${formatTime(store.traces_since_unix_nano)}`);
  if (store.logs_since_unix_nano !== null) parts.push(`counts on every log record since ${formatTime(store.logs_since_unix_nano)}`);
  if (store.partial_traces > 0) parts.push(`Tempo gives only a part of ${plural(store.partial_traces, "trace")}`);
  return parts.length > 0 ? `${parts.join("; ")}. A longer range is read when it is asked for.` : "";
}
