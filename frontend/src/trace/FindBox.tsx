import { useEffect, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import type { FoundSpan } from "../api/types.gen";
import { formatCount } from "../format/numbers";
import { oneLine, visible } from "../format/text";
import { Icon } from "../ui/Icon";
import type { Find } from "./useFind";

const TYPED_AFTER_MS = 300;

interface Props {
  find: Find;
  field: RefObject<HTMLInputElement | null>;
}

/** A text to find in names, statements, prompts and attributes; what is found in a fold opens it. */
export function FindBox({ find, field }: Props): ReactNode {
  const [text, setText] = useState(find.text);
  useEffect(() => setText(find.text), [find.text]);
  const { onText } = find;
  useEffect(() => {
    if (text === find.text) return undefined;
    const timer = setTimeout(() => onText(text), TYPED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, find.text, onText]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (text !== find.text) onText(text);
      else find.go(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      setText("");
      onText("");
      field.current?.blur();
    }
  };
  return (
    <div className="find" role="search" aria-label="Find in the trace">
      <label className="search">
        <Icon name="search" />
        <span className="hidden-text">Find in the trace</span>
        <input
          ref={field}
          type="text"
          value={text}
          placeholder="Find in the trace (/)"
          maxLength={1000}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
      </label>
      {find.text !== "" && (
        <>
          <span className="find-count number" role="status" title={find.current ? whereOf(find.current) : undefined} data-testid="find-count">
            {find.busy ? "…" : find.total === 0 ? "nothing" : `${find.at >= 0 ? formatCount(find.at + 1) : "–"} of ${formatCount(find.total)}`}
          </span>
          <button type="button" className="button-quiet" aria-label="Previous place that was found" title="Previous (N)" disabled={find.total === 0} onClick={() => find.go(-1)}>
            <Icon name="up" />
          </button>
          <button type="button" className="button-quiet" aria-label="Next place that was found" title="Next (n)" disabled={find.total === 0} onClick={() => find.go(1)}>
            <Icon name="down" />
          </button>
        </>
      )}
    </div>
  );
}

export function whereOf(found: FoundSpan): string {
  return `${visible(found.where.slice(0, 100))}: ${oneLine(found.excerpt, 300)}`;
}
