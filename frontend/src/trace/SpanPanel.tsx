import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, type KeyboardEvent, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { Span, TraceDetail } from "../api/types.gen";
import { subtreeOf } from "../model/bill";
import { tabText } from "../model/copy";
import { axisOf } from "../model/waterfall";
import { TAB_LABELS, tabsOf, type Tab } from "../model/tabs";
import { copyText } from "../ui/Copy";
import { Failure, Skeleton } from "../ui/Notice";
import { toast } from "../ui/toast";
import { useKeys } from "../ui/useKeys";
import { PanelClose } from "./PanelClose";
import { SpanHeader } from "./SpanHeader";
import { TabContent } from "./TabContent";

const route = getRouteApi("/traces/$traceId");

interface Props {
  spanId: string;
  detail: TraceDetail;
  /** The span with its content, where the whole trace is loaded. */
  known: Span | undefined;
  onSelect: (spanId: string) => void;
  onClose: (() => void) | undefined;
}

export function SpanPanel({ spanId, detail, known, onSelect, onClose }: Props): ReactNode {
  const { trace, spans, ledger } = detail;
  const light = useMemo(() => spans.find((span) => span.span_id === spanId), [spans, spanId]);
  const loaded = useQuery({ ...queries.span(trace.trace_id, spanId), enabled: light !== undefined && known === undefined });
  const span = known ?? loaded.data;
  const startNs = useMemo(() => axisOf(spans).startNs, [spans]);
  const within = useMemo(() => subtreeOf(spans, spanId), [spans, spanId]);
  const hasLedger = ledger.some((line) => within.has(line.span_id));

  if (!light) {
    return (
      <section className="panel" aria-label="Selected span" data-testid="span-panel">
        <div className="blank">
          <h2>This span is not here (yet)</h2>
          <p className="mono">{spanId.slice(0, 100)}</p>
          <PanelClose onClose={onClose} />
        </div>
      </section>
    );
  }
  return (
    <section className="panel" aria-label="Selected span" data-testid="span-panel">
      <SpanHeader span={span ?? light} startNs={startNs} onClose={onClose} />
      {span && <Tabs key={spanId} span={span} hasLedger={hasLedger} detail={detail} within={within} onSelect={onSelect} />}
      {!span && loaded.error && <Failure error={loaded.error} onRetry={() => void loaded.refetch()} />}
      {!span && !loaded.error && <Skeleton rows={6} />}
    </section>
  );
}

interface TabsProps {
  span: Span;
  hasLedger: boolean;
  detail: TraceDetail;
  within: ReadonlySet<string>;
  onSelect: (spanId: string) => void;
}

function Tabs({ span, hasLedger, detail, within, onSelect }: TabsProps): ReactNode {
  const { tab: wanted } = route.useSearch();
  const navigate = useNavigate({ from: "/traces/$traceId" });
  const list = useRef<HTMLDivElement>(null);
  const logs = useQuery(queries.logs(span.trace_id));
  const tabs = useMemo(() => tabsOf(span, hasLedger), [span, hasLedger]);
  const ownLogs = useMemo(() => (logs.data?.logs ?? []).filter((log) => log.span_id === span.span_id), [logs.data, span.span_id]);
  const bill = useMemo(() => detail.ledger.filter((line) => within.has(line.span_id)), [detail.ledger, within]);
  const tab: Tab = wanted && tabs.includes(wanted) ? wanted : (tabs[0] ?? "raw");

  const show = (next: Tab | undefined): void => {
    // The span goes with the tab: the address then means the same on a page that would choose another one.
    if (next) void navigate({ search: (old) => ({ ...old, span: span.span_id, tab: next }), replace: true });
  };
  useKeys({
    tabs: (event) => show(tabs[Number(event.key) - 1]),
    copy: () => void copyText(tabText(tab, span, bill, ownLogs)).then((done) => toast(done ? `Copied: ${TAB_LABELS[tab]}` : "Could not copy")),
  });
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const next = tabs[tabs.indexOf(tab) + by];
    if (by === 0 || !next) return;
    event.preventDefault();
    show(next);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };

  const counts: Partial<Record<Tab, number>> = { logs: ownLogs.length, events: span.events.length + span.links.length };
  return (
    <>
      <div className="tabs" role="tablist" aria-label="About this span" ref={list} onKeyDown={onKey}>
        {tabs.map((one, index) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            data-tab={one}
            aria-selected={one === tab}
            aria-controls="tab-content"
            tabIndex={one === tab ? 0 : -1}
            title={`${TAB_LABELS[one]} (${index + 1})`}
            onClick={() => show(one)}
          >
            {TAB_LABELS[one]}
            {(counts[one] ?? 0) > 0 && <span className="tab-count">{counts[one]}</span>}
          </button>
        ))}
      </div>
      <div className="panel-body" role="tabpanel" id="tab-content" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        <TabContent tab={tab} span={span} detail={detail} within={within} onSelect={onSelect} />
      </div>
    </>
  );
}
