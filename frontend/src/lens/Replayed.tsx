import { useMemo, type ReactNode } from "react";
import type { SqlReplay, SqlTable } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { DataTable } from "../ui/DataTable";
import { Icon } from "../ui/Icon";

/** The rows that a statement gives now beside those of then; rows that one side lacks are marked. */
export function Replayed({ replay, stored }: { replay: SqlReplay; stored: SqlTable | null }): ReactNode {
  const fresh = useMemo(() => new Set(replay.new_rows), [replay.new_rows]);
  const gone = useMemo(() => new Set(replay.gone_rows), [replay.gone_rows]);
  const differs = replay.same === false;
  return (
    <div className="replayed" data-testid="replayed">
      <p className={`lens-mark ${differs ? "warning" : "changed"}`} role="status">
        <Icon name={differs ? "warning" : "ok"} /> {replay.comparison} <span className="muted">{formatDuration(replay.duration_ns)} now</span>
      </p>
      <div className="replayed-sides" data-two={differs && stored !== null}>
        {differs && stored && (
          <section aria-label="Rows then">
            <h4>Then</h4>
            <DataTable table={stored} marked={gone} mark="gone" />
          </section>
        )}
        <section aria-label="Rows now">
          <h4>Now</h4>
          <DataTable table={replay.table} marked={fresh} mark="new" />
        </section>
      </div>
    </div>
  );
}
