import type { ReactNode, RefObject } from "react";
import { useLiveOpen } from "../api/hooks";
import { sinceOf, type Range } from "../model/range";
import { ExportMenu } from "../ui/ExportMenu";
import { Icon } from "../ui/Icon";
import { FilterBox } from "../filter/FilterBox";
import { ImportButton } from "./ImportDialog";
import { RangePicker } from "../filter/RangePicker";
import { SavedViews } from "../filter/SavedViews";

export type OpenPanel = "views" | "range" | null;

interface Props {
  inputRef: RefObject<HTMLInputElement | null>;
  q: string;
  error: Error | null;
  range: Range;
  live: boolean;
  facetsOpen: boolean;
  panel: OpenPanel;
  onPanel: (panel: OpenPanel) => void;
  onFacets: () => void;
  onQuery: (text: string, replace: boolean) => void;
  onRange: (range: Range) => void;
  onView: (shown: Range & { q: string }) => void;
  onLive: () => void;
}

export function FilterBar(props: Props): ReactNode {
  const { q, range, live, facetsOpen, panel, onPanel } = props;
  return (
    <header className="bar">
      <h1>Traces</h1>
      <button
        type="button"
        className="button facets-button"
        aria-expanded={facetsOpen}
        aria-controls="facets"
        aria-label="Filters"
        onClick={props.onFacets}
      >
        <Icon name="facets" />
      </button>
      <FilterBox
        inputRef={props.inputRef}
        q={q}
        of="traces"
        since={range.since}
        until={range.until}
        error={props.error}
        onQuery={props.onQuery}
      />
      <SavedViews
        page="traces"
        shown={{ q, ...range }}
        open={panel === "views"}
        onOpen={(open) => onPanel(open ? "views" : null)}
        onShow={props.onView}
      />
      <RangePicker range={range} open={panel === "range"} onOpen={(open) => onPanel(open ? "range" : null)} onRange={props.onRange} />
      <ExportMenu path="/traces/export" params={() => ({ q, since: sinceOf(range.since, Date.now()), until: range.until })}>
        <ImportButton />
      </ExportMenu>
      <LiveButton live={live} onLive={props.onLive} />
    </header>
  );
}

function LiveButton({ live, onLive }: { live: boolean; onLive: () => void }): ReactNode {
  const open = useLiveOpen();
  const title = !live
    ? "Rows stay as they are. Press to let new ones in (l)."
    : open
      ? "New traces appear as they arrive (l)."
      : "No live stream; asking every five seconds (l).";
  return (
    <button type="button" className="button live" aria-pressed={live} title={title} onClick={onLive}>
      <span className={`live-dot ${live ? (open ? "on" : "slow") : ""}`} aria-hidden="true" />
      <span className="live-word">{live ? "Live" : "Paused"}</span>
    </button>
  );
}
