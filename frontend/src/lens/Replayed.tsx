import { useMemo, type ReactNode } from "react";
import type { SqlReplay } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { DataTable } from "../ui/DataTable";
import { Icon } from "../ui/Icon";

/** The rows that a statement gives now, those that were not among the stored ones marked. */
export function Replayed({ replay }: { replay: SqlReplay }): ReactNode {
  const fresh = useMemo(() => new Set(replay.new_rows), [replay.new_rows]);
  const differs = replay.same === false;
  return (
    <div className="replayed" data-testid="replayed">
      <p className={`lens-mark ${differs ? "warning" : "changed"}`} role="status">
        <Icon name={differs ? "warning" : "ok"} /> {replay.comparison}
      </p>
      <h3>
        Rows now <span className="muted">{formatDuration(replay.duration_ns)}</span>
      </h3>
      <DataTable table={replay.table} marked={fresh} mark="new" />
    </div>
  );
}
