import { useRef, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import { NothingYet } from "../dashboard/NothingYet";
import { plural } from "../format/numbers";
import type { BoardSearch } from "../model/window";
import { Code } from "../ui/Code";
import { Failure, Skeleton } from "../ui/Notice";
import { ReachNote } from "../ui/StoreNotes";
import { useTitle } from "../ui/useTitle";
import { BoardBar } from "./BoardBar";
import { More } from "./More";
import { useRowKeys } from "./useRowKeys";
import type { Rows } from "./useRows";

interface Props {
  title: string;
  /** What a row is, in the singular. */
  noun: string;
  search: BoardSearch;
  onChange: (part: BoardSearch, replace: boolean) => void;
  rows: Rows<unknown>;
  /** How many rows there are so far; undefined before the first answer. */
  count: number | undefined;
  /** The heads of the columns that are text, then of those that are numbers. */
  words: readonly string[];
  numbers: readonly string[];
  /** What to do where no trace says what the rows are of. */
  blank: { title: string; text: string; code: string };
  /** When the range begins, in nanoseconds, if it is chosen. */
  since: bigint | undefined;
  children: ReactNode;
}

/** A page of groups of traces: the bar, a table that grows, or what to do to have one. */
export function RowsPage({ title, noun, search, onChange, rows, count, words, numbers, blank, since, children }: Props): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLDivElement>(null);
  useTitle(title);
  useRowKeys(area);
  const refused = rows.error instanceof ApiFailure && rows.error.status === 400;
  const narrow = search.q !== undefined || search.since !== undefined || search.until !== undefined;
  return (
    <div className="board">
      <BoardBar title={title} search={search} error={rows.error} inputRef={input} onChange={onChange} />
      {count === undefined && !rows.error && <Skeleton rows={10} tall />}
      {count === undefined && rows.error && !refused && <Failure error={rows.error} onRetry={rows.reload} />}
      {count === 0 && (narrow ? <NothingYet search={search} onChange={onChange} /> : <Blank {...blank} />)}
      {count !== undefined && count > 0 && (
        <div className="board-body" ref={area} data-old={rows.isOld}>
          <ReachNote since={since} />
          <table className="rows-table" data-testid={title.toLowerCase()}>
            <thead>
              <tr>
                {words.map((head) => (
                  <th key={head} scope="col">{head}</th>
                ))}
                {numbers.map((head) => (
                  <th key={head} scope="col" className="number">{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
          <More hasMore={rows.hasMore} isLoading={rows.isLoadingMore} onMore={rows.loadMore} end={plural(count, noun)} />
        </div>
      )}
    </div>
  );
}

function Blank({ title, text, code }: Props["blank"]): ReactNode {
  return (
    <div className="blank">
      <h2>{title}</h2>
      <p className="muted">{text}</p>
      <div className="blank-code">
        <Code label="Python" text={code} />
      </div>
    </div>
  );
}
