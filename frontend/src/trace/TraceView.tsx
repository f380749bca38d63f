import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { Badge, Span } from "../api/types.gen";
import { nsBetween } from "../format/time";
import type { TraceSearch } from "../model/address";
import { criticalPath } from "../model/criticalPath";
import type { LightTrace } from "../model/lightTree";
import { badgeKey, badgeStep, buildTree, failures, firstToShow, visibleRows, type Row, type View } from "../model/tree";
import { axisOf } from "../model/waterfall";
import { around } from "../model/zoom";
import { listSearch, neighbours, rememberOpened } from "../traces/lastList";
import { LensView } from "../lens/lazy";
import { useKeys } from "../ui/useKeys";
import { useMedia } from "../ui/useMedia";
import { useNow } from "../ui/useNow";
import { FoldPanel } from "./FoldPanel";
import { Minimap } from "./Minimap";
import { SpanPanel } from "./SpanPanel";
import { SplitPane } from "./SplitPane";
import { TraceHeader, viewsOf, type ShownView } from "./TraceHeader";
import { TraceTree } from "./TraceTree";
import { TreeBar } from "./TreeBar";
import { useFind } from "./useFind";
import { useFolding } from "./useFolding";
import { useZoom } from "./useZoom";

const FoldRulesDialog = lazy(() => import("./FoldRulesDialog"));

const route = getRouteApi("/traces/$traceId");

/** Up to this many spans are loaded whole at once, so that each step opens without waiting. */
const LOAD_WHOLE = 200;

export function TraceView({ detail }: { detail: LightTrace }): ReactNode {
  const { trace, spans } = detail;
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/traces/$traceId" });
  const phone = useMedia("(max-width: 760px)");
  const view: View = search.view === "all" ? "all" : "story";

  const tree = useMemo(() => buildTree(spans, view), [spans, view]);
  const byDefault = useMemo(() => firstToShow(spans)?.span_id, [spans]);
  // On a phone the panel covers the tree, so it waits to be asked for.
  const selected = search.span ?? (phone ? undefined : byDefault);
  const { folding, flip, allBadges, collapseAll } = useFolding(tree, spans, selected ?? byDefault);
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
  const badges = useQuery({ ...queries.badges(trace.trace_id), enabled: tree.foldOf.size > 0 });
  const zoom = useZoom(
    axis,
    search.zoom,
    useCallback((text: string | undefined) => change({ zoom: text }, true), [change]),
  );
  const path = useMemo(
    () => (search.path === "on" ? criticalPath(spans, axis.startNs, axis.lengthNs) : undefined),
    [search.path, spans, axis.startNs, axis.lengthNs],
  );
  const order = useMemo(() => new Map(spans.map((span, index) => [span.span_id, index])), [spans]);
  const field = useRef<HTMLInputElement>(null);
  const find = useFind(
    trace.trace_id,
    search.find ?? "",
    selected,
    order,
    useCallback((text: string) => change({ find: text === "" ? undefined : text }, true), [change]),
    useCallback((spanId: string) => change({ span: spanId }, true), [change]),
  );
  const showPath = (): void => change({ path: path ? undefined : "on" }, true);
  const showRules = useCallback(() => change({ rules: "open" }, false), [change]);
  const showView = (next: ShownView): void => change({ view: next === "story" ? undefined : next }, false);
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
    collapseAll,
    find: () => field.current?.select(),
    nextFound: () => find.go(1),
    previousFound: () => find.go(-1),
    zoomIn: zoom.closer,
    zoomOut: zoom.further,
    zoomReset: zoom.reset,
    zoomSpan: () => {
      const span = tree.byId.get(badgeStep(selected ?? "") ?? selected ?? "");
      if (!span) return;
      const start = nsBetween(axis.startNs, span.start_time_unix_nano);
      zoom.set(around(start, span.duration_ns === null ? axis.lengthNs : start + Number(span.duration_ns), axis.lengthNs));
    },
    panLeft: () => zoom.pan(-0.25),
    panRight: () => zoom.pan(0.25),
    criticalPath: showPath,
    foldRules: showRules,
    nextView: () => {
      const views = viewsOf(trace.llm_call_count);
      const next = views[(views.findIndex((one) => one.view === (search.view ?? "story")) + 1) % views.length];
      if (next) showView(next.view);
    },
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
        onView={showView}
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
              badge={badges.data?.get(badgeStep(selected) ?? "")}
              open={folding.openBadges.has(badgeStep(selected) ?? "")}
              onFlip={() => {
                const row = rows.find((one) => one.key === badgeKey(badgeStep(selected) ?? ""));
                if (row) flip(row);
              }}
              onSelect={select}
              onRules={showRules}
              onClose={phone ? close : undefined}
            />
          )
        }
      >
        <TreeBar find={find} field={field} zoom={zoom} path={path !== undefined} onPath={showPath} onCollapse={collapseAll} onRules={showRules} />
        <Minimap spans={spans} axis={axis} zoom={zoom} />
        <TraceTree
          tree={tree}
          rows={rows}
          axis={axis}
          zoom={zoom}
          path={path}
          found={find.found}
          selected={selected}
          badges={badges.data}
          onOpen={openRow}
          onFlip={flip}
        />
      </SplitPane>
      )}
      {search.rules === "open" && (
        <Suspense>
          <FoldRulesDialog spans={spans} onClose={() => change({ rules: undefined }, true)} />
        </Suspense>
      )}
    </div>
  );
}

interface PanelProps {
  selected: string;
  detail: LightTrace;
  badge: Badge | undefined;
  fold: readonly Span[] | undefined;
  step: Span | undefined;
  whole: ReadonlyMap<string, Span> | undefined;
  open: boolean;
  onFlip: () => void;
  onSelect: (key: string) => void;
  onRules: () => void;
  onClose: (() => void) | undefined;
}

function Panel({ selected, detail, badge, fold, step, whole, open, onFlip, onSelect, onRules, onClose }: PanelProps): ReactNode {
  if (fold && step) {
    return <FoldPanel spans={fold} step={step} badge={badge} open={open} onFlip={onFlip} onSelect={onSelect} onRules={onRules} onClose={onClose} />;
  }
  const id = badgeStep(selected) ?? selected;
  return <SpanPanel spanId={id} detail={detail} known={whole?.get(id)} onSelect={onSelect} onRules={onRules} onClose={onClose} />;
}
