import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { Progress } from "../api/types.gen";
import { formatTime } from "../format/time";
import { visible } from "../format/text";
import { cellOf, findPlace, step } from "../model/progress";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { useMedia } from "../ui/useMedia";
import { useTitle } from "../ui/useTitle";
import { EvidencePanel } from "./EvidencePanel";
import { NothingCompared } from "./NothingCompared";
import { OneApproach } from "./OneApproach";
import { ProgressTable } from "./ProgressTable";

/** Every approach to observing the same service, side by side, as `llm-tracing compare` found it. */
export function ProgressPage(): ReactNode {
  const report = useQuery(queries.progress());
  useTitle("Progress");
  if (report.data?.progress) return <Comparison progress={report.data.progress} />;
  if (report.data) return <NothingCompared />;
  if (report.error) {
    return (
      <div className="blank">
        <Failure error={report.error} onRetry={() => void report.refetch()} />
      </div>
    );
  }
  return <Skeleton rows={12} />;
}

const route = getRouteApi("/progress");

function Comparison({ progress }: { progress: Progress }): ReactNode {
  const { cell: selected } = route.useSearch();
  const navigate = useNavigate({ from: "/progress" });
  const phone = useMedia("(max-width: 760px)");
  const place = findPlace(progress, selected);
  const area = useRef<HTMLDivElement>(null);
  const moved = useRef(false);

  const select = useCallback(
    (key: string | undefined, replace = false) => void navigate({ search: { cell: key }, replace }),
    [navigate],
  );
  const move = (down: number, right: number): void => {
    const next = step(progress, selected, down, right);
    if (next === undefined) return;
    moved.current = true;
    select(next, true);
  };
  useEffect(() => {
    // The focus goes with the keys, so that a screen reader reads the cell; a click has it there already.
    if (moved.current) area.current?.querySelector<HTMLElement>('.progress-cell[aria-pressed="true"]')?.focus();
    moved.current = false;
  }, [selected]);
  const close = (): void => {
    const approach = phone ? place?.row.approach : undefined;
    area.current?.querySelector<HTMLElement>('.progress-cell[aria-pressed="true"]')?.focus();
    select(approach);
  };
  useKeys({
    cellDown: () => move(1, 0),
    cellUp: () => move(-1, 0),
    cellLeft: () => !phone && move(0, -1),
    cellRight: () => !phone && move(0, 1),
    closeCell: () => selected !== undefined && close(),
  });

  const open = place && (!phone || place.column) ? place : undefined;
  return (
    <div className="progress-page">
      <Header progress={progress} />
      <div className="progress-body" data-open={open !== undefined} ref={area}>
        {phone ? (
          <OneApproach progress={progress} row={place?.row ?? progress.rows[0]} selected={selected} onSelect={select} />
        ) : (
          <ProgressTable progress={progress} selected={selected} onSelect={select} />
        )}
        {open && <EvidencePanel place={open} progress={progress} onClose={close} />}
      </div>
    </div>
  );
}

function Header({ progress }: { progress: Progress }): ReactNode {
  const measured = progress.rows.some((row) => cellOf(row, "cpu"));
  return (
    <header className="progress-header">
      <h1>{visible(progress.question)}</h1>
      <p className="muted">
        The same question under each approach, each in its own process, {formatTime(progress.created_at_unix_nano)}
        {measured && ` · costs are medians of ${progress.rounds} rounds of ${progress.requests_a_round} questions`}
      </p>
    </header>
  );
}

