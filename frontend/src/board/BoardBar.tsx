import { useState, type ReactNode, type RefObject } from "react";
import { FilterBox } from "../filter/FilterBox";
import { RangePicker } from "../filter/RangePicker";
import type { BoardSearch } from "../model/window";
import { useKeys } from "../ui/useKeys";

interface Props {
  title: string;
  search: BoardSearch;
  error: Error | null;
  inputRef: RefObject<HTMLInputElement | null>;
  onChange: (part: BoardSearch, replace: boolean) => void;
}

/** The bar of a board: the filter of the traces it tells of, and their time. */
export function BoardBar({ title, search, error, inputRef, onChange }: Props): ReactNode {
  const { q = "", since, until } = search;
  const [open, setOpen] = useState(false);
  useKeys({ filter: () => inputRef.current?.focus(), range: () => setOpen(true) });
  return (
    <header className="bar">
      <h1>{title}</h1>
      <FilterBox
        inputRef={inputRef}
        q={q}
        of="traces"
        since={since}
        until={until}
        error={error}
        placeholder="words, status:error, model:gpt-4o*, service:qa, user:u7"
        onQuery={(text, replace) => onChange({ q: text || undefined }, replace)}
      />
      <RangePicker range={{ since, until }} open={open} onOpen={setOpen} onRange={(range) => onChange({ since: range.since, until: range.until }, false)} />
    </header>
  );
}
