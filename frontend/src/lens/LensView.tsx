import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { queries } from "../api/queries";
import { lensSummary } from "../model/lens";
import { Failure, Skeleton } from "../ui/Notice";
import { EpisodeCard } from "./EpisodeCard";

/** Each question of a trace with the SQL that was written for it, what ran, the rows and the answer. */
export function LensView({ traceId, onSpan }: { traceId: string; onSpan: (spanId: string) => void }): ReactNode {
  const lens = useQuery(queries.lens(traceId));
  if (lens.error) return <Failure error={lens.error} onRetry={() => void lens.refetch()} />;
  if (!lens.data) return <Skeleton rows={8} tall />;
  const { episodes, database } = lens.data;
  if (episodes.length === 0) return <NoSql />;
  return (
    <div className="lens" tabIndex={0} role="region" aria-label="Questions and their SQL">
      <p className="lens-summary muted">
        {lensSummary(episodes)}
        {database.configured && database.name !== null && <> · replays run on {database.name}</>}
      </p>
      {episodes.map((episode) => (
        <EpisodeCard key={episode.span_id} episode={episode} traceId={traceId} database={database} onSpan={onSpan} />
      ))}
    </div>
  );
}

function NoSql(): ReactNode {
  return (
    <div className="blank">
      <h2>No model wrote SQL here</h2>
      <p className="muted">
        The lens shows questions that a model answered with SQL. It needs the text of prompts and answers; where the database and the tool
        that runs the statement are observed too, it shows what was executed and the rows.
      </p>
    </div>
  );
}
