import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { Span, TraceDetail } from "../api/types.gen";
import type { TraceSearch } from "../model/address";
import { badgeKey, badgeStep, buildTree, failures, firstToShow, visibleRows, type Row, type View } from "../model/tree";
import { axisOf } from "../model/waterfall";
import { listSearch, neighbours, rememberOpened } from "../traces/lastList";
import { LensView } from "../lens/lazy";
import { useKeys } from "../ui/useKeys";
import { useMedia } from "../ui/useMedia";
import { useNow } from "../ui/useNow";
import { FoldPanel } from "./FoldPanel";
import { SpanPanel } from "./SpanPanel";
import { SplitPane } from "./SplitPane";
import { TraceHeader } from "./TraceHeader";
import { TraceTree } from "./TraceTree";
import { useFolding } from "./useFolding";

const route = getRouteApi("/traces/$traceId");

/** Up to this many spans are loaded whole at once, so that each step opens without waiting. */
const LOAD_WHOLE = 200;

export function TraceView({ detail }: { detail: TraceDetail }): ReactNode {
  const { trace, spans } = detail;
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/traces/$traceId" });
  const phone = useMedia("(max-width: 760px)");
  const view: View = search.view === "all" ? "all" : "story";

  const tree = useMemo(() => buildTree(spans, view), [spans, view]);
  const byDefault = useMemo(() => firstToShow(spans)?.span_id, [spans]);
  // On a phone the panel covers the tree, so it waits to be asked for.
  const selected = search.span ?? (phone ? undefined : byDefault);
  const { folding, flip, allBadges } = useFolding(tree, spans, selected ?? byDefault);
  const rows = useMemo(() => visibleRows(tree, folding), [tree, folding]);
  const now = useNow(trace.status === "running");
  const axis = useMemo(() => axisOf(spans, now), [spans, now]);

  const whole = useQuery({ ...queries.wholeTrace(trace.trace_id), enabled: spans.length <= LOAD_WHOLE });
  const wholeById = useMemo(() => whole.data && new Map(whole.data.spans.map((span) => [span.span_id, span])), [whole.data]);

  const change = useCallback(
    (part: TraceSearch, replace: boolean) => void navigate({ search: (old) => ({ ...old, ...part }), replace }),
    [navigate],
  );
  const select = useCallback((key: string) => change({ span: key }, false), [change]);
  const openRow = useCallback(
    (row: Row) => {
      if (row.type === "badge") flip(row);
      select(row.key);
    },
    [flip, select],
  );
  const close = useCallback(() => change({ span: undefined, tab: undefined }, false), [change]);

  const move = (by: number): void => {
    const at = rows.findIndex((row) => row.key === selected);
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) change({ span: next.key }, true);
  };
  const current = rows.find((row) => row.key === selected);
  const goTo = (traceId: string | undefined): void => {
    if (traceId) void navigate({ to: "/traces/$traceId", params: { traceId }, search: {}, replace: true });
  };
  const nextError = (): void => {
    const failing = failures(spans);
    const order = new Map(spans.map((span, index) => [span.span_id, index]));
    const at = selected === undefined ? -1 : (order.get(selected) ?? -1);
    const next = failing.find((span) => (order.get(span.span_id) ?? 0) > at) ?? failing[0];
    if (next) change({ span: next.span_id }, true);
  };
  const fold = (): void => {
    if (!current) return;
    if (current.expandable && current.open) flip(current);
    else change({ span: tree.parentOf.get(current.key) ?? current.key }, true);
  };
  useEffect(() => rememberOpened(trace.trace_id), [trace.trace_id]);
  const { newer, older } = neighbours(trace.trace_id);
  useKeys({
    nextSpan: () => move(1),
    previousSpan: () => move(-1),
    fold,
    unfold: () => current?.expandable && (current.open ? move(1) : flip(current)),
    openTrace: () => current?.expandable && flip(current),
    openFolds: allBadges,
    nextError,
    lens: () => change({ view: search.view === "lens" ? undefined : "lens" }, false),
    newerTrace: () => goTo(newer),
    olderTrace: () => goTo(older),
    back: () => {
      if (phone && search.span !== undefined) close();
      else void navigate({ to: "/", search: listSearch() });
    },
  });

  return (
    <div className="trace-page">
      <TraceHeader
        detail={detail}
        view={search.view ?? view}
        newer={newer}
        older={older}
        onView={(next) => change({ view: next === "story" ? undefined : next }, false)}
        onSelect={select}
        onGoTo={goTo}
      />
      {search.view === "lens" ? (
        <LensView traceId={trace.trace_id} onSpan={(span) => change({ view: undefined, span, tab: undefined }, false)} />
      ) : (
      <SplitPane
        covers={phone}
        second={
          selected !== undefined && (
            <Panel
              key={badgeStep(selected) === null ? "span" : "fold"}
              selected={selected}
              detail={detail}
              fold={tree.foldOf.get(badgeStep(selected) ?? "")}
              step={tree.byId.get(badgeStep(selected) ?? "")}
              whole={wholeById}
              open={folding.openBadges.has(badgeStep(selected) ?? "")}
              onFlip={() => {
                const row = rows.find((one) => one.key === badgeKey(badgeStep(selected) ?? ""));
                if (row) flip(row);
              }}
              onSelect={select}
              onClose={phone ? close : undefined}
            />
          )
        }
      >
        <TraceTree tree={tree} rows={rows} axis={axis} selected={selected} whole={wholeById} onOpen={openRow} onFlip={flip} />
      </SplitPane>
      )}
    </div>
  );
}

interface PanelProps {
  selected: string;
  detail: TraceDetail;
  fold: readonly Span[] | undefined;
  step: Span | undefined;
  whole: ReadonlyMap<string, Span> | undefined;
  open: boolean;
  onFlip: () => void;
  onSelect: (key: string) => void;
  onClose: (() => void) | undefined;
}

function Panel({ selected, detail, fold, step, whole, open, onFlip, onSelect, onClose }: PanelProps): ReactNode {
  if (fold && step) {
    return <FoldPanel spans={fold} step={step} whole={whole} open={open} onFlip={onFlip} onSelect={onSelect} onClose={onClose} />;
  }
  const id = badgeStep(selected) ?? selected;
  return <SpanPanel spanId={id} detail={detail} known={whole?.get(id)} onSelect={onSelect} onClose={onClose} />;
}
