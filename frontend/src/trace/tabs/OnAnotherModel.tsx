import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId, useMemo, useState, type ReactNode } from "react";
import { queries } from "../../api/queries";
import type { ModelPrices } from "../../api/types.gen";
import { formatCost, formatUnitPrice } from "../../format/cost";
import { visible } from "../../format/text";
import { elsewhere, shareOf, withModel, type Elsewhere } from "../../model/elsewhere";
import { Icon } from "../../ui/Icon";
import { Failure, Skeleton } from "../../ui/Notice";

interface Props {
  traceId: string;
  within: ReadonlySet<string>;
  /** What the step cost. */
  actual: string | null;
}

/** The same tokens at the prices of other models. */
export function OnAnotherModel({ traceId, within, actual }: Props): ReactNode {
  const [wished, setWished] = useState<readonly string[]>([]);
  const first = useQuery(queries.costOn(traceId, []));
  const more = useQuery({ ...queries.costOn(traceId, wished), enabled: wished.length > 0 });
  const rows = useMemo(() => {
    const added = wished.length > 0 ? (more.data?.models ?? []) : [];
    const found = [...(first.data?.models ?? []), ...added.filter((one) => !first.data?.models.some((other) => other.model === one.model))];
    return elsewhere(found, within, actual);
  }, [first.data, more.data, wished, within, actual]);
  const most = Math.max(0, ...rows.map((row) => Number(row.usd ?? 0)), Number(actual ?? 0));
  return (
    <section className="elsewhere" aria-label="On another model">
      <h3>On another model</h3>
      {first.error && <Failure error={first.error} onRetry={() => void first.refetch()} />}
      {!first.data && !first.error && <Skeleton rows={4} />}
      {first.data && (
        <table>
          <tbody>
            <tr className="elsewhere-now">
              <th scope="row">As it was</th>
              <td className="elsewhere-bar">
                <Bar share={shareOf(actual, most)} />
              </td>
              <td className="number">{formatCost(actual)}</td>
              <td />
            </tr>
            {rows.map((row) => (
              <Row key={row.model} row={row} onRemove={wished.includes(row.model) ? () => setWished(wished.filter((one) => one !== row.model)) : undefined} />
            ))}
          </tbody>
        </table>
      )}
      {more.error && <Failure error={more.error} onRetry={() => void more.refetch()} />}
      <Wish onWish={(name) => setWished(withModel(wished, name).slice(-12))} />
      <p className="muted bill-note">The same tokens at the prices of that day. Embeddings stay where they were.</p>
    </section>
  );
}

function Row({ row, onRemove }: { row: Elsewhere; onRemove: (() => void) | undefined }): ReactNode {
  const [provider, name] = row.model.includes("/") ? [row.model.slice(0, row.model.indexOf("/")), row.model.slice(row.model.indexOf("/") + 1)] : ["", row.model];
  return (
    <tr>
      <th scope="row" title={visible(row.model)}>
        <span className="elsewhere-model">
          <span className="cut">{visible(name)}</span>
          {onRemove && (
            <button type="button" className="button-quiet" aria-label={`Remove ${visible(row.model)}`} onClick={onRemove}>
              <Icon name="close" />
            </button>
          )}
        </span>
        {provider && <span className="muted cut">{visible(provider)}</span>}
      </th>
      {row.usd === null ? (
        <td colSpan={3} className="muted">
          No price known.
        </td>
      ) : (
        <>
          <td className="elsewhere-bar">
            <Bar share={row.share} />
          </td>
          <td className="number" title={`$${row.usd}`}>
            {formatCost(row.usd)}
          </td>
          <td className="number muted">{row.change}</td>
        </>
      )}
    </tr>
  );
}

function Bar({ share }: { share: number }): ReactNode {
  return <span className="elsewhere-share" style={{ width: `${Math.max(share * 100, share > 0 ? 1 : 0)}%` }} />;
}

/** A field that knows the models which have a price. */
function Wish({ onWish }: { onWish: (name: string) => void }): ReactNode {
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const { data } = useQuery({ ...queries.models(asked), enabled: asked.length > 1 });
  const listId = useId();
  const known = asked.length > 1 ? (data?.models ?? []) : [];
  const send = (name: string): void => {
    if (name.trim() === "") return;
    onWish(name);
    setText("");
  };
  return (
    <form
      className="search elsewhere-wish"
      onSubmit={(event) => {
        event.preventDefault();
        send(text);
      }}
    >
      <input
        type="text"
        list={listId}
        value={text}
        aria-label="Another model"
        placeholder="another model, e.g. openai/gpt-4o"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={200}
        onChange={(event) => {
          const name = event.target.value;
          // A suggestion that was chosen, not typed, is meant at once.
          const chosen = !(event.nativeEvent instanceof InputEvent) || event.nativeEvent.inputType === "insertReplacementText";
          if (chosen && known.some((one) => nameOf(one) === name)) send(name);
          else setText(name);
        }}
      />
      <datalist id={listId}>
        {known.map((one) => (
          <option key={nameOf(one)} value={nameOf(one)}>
            {`${formatUnitPrice(one.usd_per_million.input)} in, ${formatUnitPrice(one.usd_per_million.output)} out`}
          </option>
        ))}
      </datalist>
      <button type="submit" className="button-quiet" disabled={text.trim() === ""}>
        Add
      </button>
    </form>
  );
}

function nameOf(one: ModelPrices): string {
  return one.provider === null ? one.model : `${one.provider}/${one.model}`;
}
