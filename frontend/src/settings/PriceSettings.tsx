import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boards } from "../api/boards";
import type { ServerState } from "../api/types.gen";
import { formatUnitPrice } from "../format/cost";
import { plural } from "../format/numbers";
import { visible } from "../format/text";
import { priceEntries } from "../model/priceEntries";
import { Code } from "../ui/Code";

const EVERYTHING = { q: "", since: undefined, until: undefined };

/** Where prices are from, what has none, and the lines that would give it one. */
export function PriceSettings({ prices }: { prices: ServerState["prices"] }): ReactNode {
  const models = useQuery(boards.models(EVERYTHING)).data?.models ?? [];
  const unpriced = models.filter((model) => model.prices === null);
  return (
    <section aria-label="Prices" data-testid="prices">
      <h2>Prices</h2>
      <p>
        {prices.file ? (
          <>
            From <code>{visible(prices.file)}</code> (<code>LLM_TRACING_PRICES</code>) first,
          </>
        ) : (
          <>
            A file of your own would come first; <code>LLM_TRACING_PRICES</code> names none. Prices are from
          </>
        )}{" "}
        {prices.file && "then from "}those that come with LLM Tracing, then from {visible(prices.public_list)}.
      </p>
      {prices.entries.length > 0 && (
        <div className="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className="number">Input</th>
                <th scope="col" className="number">Cached</th>
                <th scope="col" className="number">Output</th>
                <th scope="col">Source</th>
              </tr>
            </thead>
            <tbody>
              {prices.entries.map((entry, at) => (
                <tr key={at}>
                  <th scope="row">
                    <code>{visible(entry.provider ? `${entry.provider}/${entry.model}` : entry.model)}</code>
                  </th>
                  <td className="number">{formatUnitPrice(entry.usd_per_million.input)}</td>
                  <td className="number">{formatUnitPrice(entry.usd_per_million.cache_read)}</td>
                  <td className="number">{formatUnitPrice(entry.usd_per_million.output)}</td>
                  <td className="muted">{visible(entry.source)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {unpriced.length === 0 && models.length > 0 && <p className="muted">Every model that was called has a price.</p>}
      {unpriced.length > 0 && (
        <>
          <p className="status-warning">
            {plural(unpriced.length, "model")} without a price. Put these lines into the file, with your prices in USD per million tokens;
            what is stored is priced again.
          </p>
          <Code label="YAML" text={priceEntries(unpriced)} />
        </>
      )}
    </section>
  );
}
