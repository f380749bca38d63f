import type { ReactNode } from "react";
import type { Model } from "../api/types.gen";
import { Money } from "../board/Money";
import { TracesLink } from "../board/links";
import { formatUnitPrice } from "../format/cost";
import { formatDuration } from "../format/duration";
import { formatCount } from "../format/numbers";
import { visible } from "../format/text";
import { behind, narrowed } from "../model/behind";
import { share } from "../model/delta";
import type { Bounds } from "../model/window";
import { KindIcon } from "../ui/Icon";

const SERVICES = 3;

interface Props {
  models: readonly Model[];
  q: string | undefined;
  bounds: Bounds;
  /** Without unit prices. */
  brief?: boolean;
}

/** A line a model; its name leads to the traces in which it was called. */
export function ModelsTable({ models, q, bounds, brief = false }: Props): ReactNode {
  if (models.length === 0) return <p className="muted">No call in these traces.</p>;
  return (
    <table className="rows-table models" data-testid="models">
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col" className="number">Calls</th>
          <th scope="col" className="number">Failed</th>
          <th scope="col" className="number">p50 · p95</th>
          <th scope="col" className="number">First token</th>
          <th scope="col" className="number">Input</th>
          <th scope="col" className="number">Cached</th>
          <th scope="col" className="number">Output</th>
          <th scope="col" className="number">Cost</th>
          {!brief && <th scope="col">Price per million now</th>}
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <ModelRow key={`${model.provider}/${model.model}`} model={model} q={q} bounds={bounds} brief={brief} />
        ))}
      </tbody>
    </table>
  );
}

function ModelRow({ model, q, bounds, brief }: { model: Model; q: string | undefined; bounds: Bounds; brief: boolean }): ReactNode {
  const { figures } = model;
  const { usage } = figures;
  const input = usage.input_tokens ?? 0;
  return (
    <tr>
      <th scope="row">
        <span className="model-name">
          <KindIcon kind={model.kind as "llm"} />
          <span className="row-words">
            {model.model === null ? (
              <span className="muted">no model named</span>
            ) : (
              <TracesLink to={behind(narrowed(q, "model", model.model), bounds.since, bounds.until)}>{visible(model.model)}</TracesLink>
            )}
            <span className="muted services" title={visible(model.services.join(", "))}>
              {visible([model.provider ?? "provider not named", ...shortened(model.services)].join(" · "))}
            </span>
          </span>
        </span>
      </th>
      <td data-label="Calls" className="number">{formatCount(figures.count)}</td>
      <td data-label="Failed" className={`number ${figures.error_count > 0 ? "error-text" : ""}`}>
        {formatCount(figures.error_count)} ({share(figures.error_count, figures.count)})
      </td>
      <td data-label="p50 · p95" className="number">
        {formatDuration(figures.duration_p50_ns)} · {formatDuration(figures.duration_p95_ns)}
      </td>
      <td data-label="First token" className="number" title={`${formatCount(figures.streamed_count)} calls streamed`}>
        {formatDuration(figures.time_to_first_token_p50_ns)}
      </td>
      <td data-label="Input" className="number">{formatCount(input)}</td>
      <td data-label="Cached" className="number">{share(usage.cache_read_tokens ?? 0, input)}</td>
      <td data-label="Output" className="number">
        {formatCount(usage.output_tokens ?? 0)}
        {(usage.reasoning_tokens ?? 0) > 0 && <span className="muted second">{formatCount(usage.reasoning_tokens ?? 0)} reasoning</span>}
      </td>
      <td data-label="Cost" className="number">
        <Money cost={figures.cost} why={model.prices ? "came without token counts, so they have no cost" : undefined} />
      </td>
      {!brief && (
        <td data-label="Price per million now">
          <Prices model={model} />
        </td>
      )}
    </tr>
  );
}

/** The first services, and how many more. */
function shortened(services: readonly string[]): string[] {
  return services.length <= SERVICES ? [...services] : [...services.slice(0, SERVICES - 1), `${services.length - SERVICES + 1} more services`];
}

function Prices({ model }: { model: Model }): ReactNode {
  const { prices } = model;
  if (!prices) {
    return <span className="muted">No price known{model.model ? ` for ${visible(model.model)}` : ""}.</span>;
  }
  const unit = prices.usd_per_million;
  return (
    <span className="row-words">
      <span>
        {formatUnitPrice(unit.input)} in · {formatUnitPrice(unit.cache_read)} cached · {formatUnitPrice(unit.output)} out
      </span>
      <span className="muted">
        {visible(prices.source)}
        {prices.dearer_above_input_tokens !== null && `, dearer above ${formatCount(prices.dearer_above_input_tokens)} tokens`}
      </span>
    </span>
  );
}
