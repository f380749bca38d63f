import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, type KeyboardEvent, type ReactNode } from "react";
import { queries } from "../api/queries";
import type { LedgerLine, LinkedSpan, Span } from "../api/types.gen";
import { subtreeOf } from "../model/bill";
import { tabText } from "../model/copy";
import { isBilled, type LightTrace } from "../model/lightTree";
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
  detail: LightTrace;
  /** The span with its content, where the whole trace is loaded. */
  known: Span | undefined;
  onSelect: (spanId: string) => void;
  onRules: () => void;
  onClose: (() => void) | undefined;
}

export function SpanPanel({ spanId, detail, known, onSelect, onRules, onClose }: Props): ReactNode {
  const { trace, spans } = detail;
  const light = useMemo(() => spans.find((span) => span.span_id === spanId), [spans, spanId]);
  const loaded = useQuery({ ...queries.span(trace.trace_id, spanId), enabled: light !== undefined && known === undefined });
  const span = known ?? loaded.data;
  const startNs = useMemo(() => axisOf(spans).startNs, [spans]);
  const within = useMemo(() => subtreeOf(spans, spanId), [spans, spanId]);
  const hasLedger = useMemo(() => spans.some((span) => isBilled(span) && within.has(span.span_id)), [spans, within]);

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
      <SpanHeader span={span ?? light} startNs={startNs} onRules={onRules} onSelect={onSelect} onClose={onClose} />
      {span && <Tabs key={spanId} span={span} hasLedger={hasLedger} within={within} onSelect={onSelect} />}
      {!span && loaded.error && <Failure error={loaded.error} onRetry={() => void loaded.refetch()} />}
      {!span && !loaded.error && <Skeleton rows={6} />}
    </section>
  );
}

const NO_LINKS: readonly LinkedSpan[] = [];
const NO_LINES: readonly LedgerLine[] = [];

interface TabsProps {
  span: Span;
  hasLedger: boolean;
  within: ReadonlySet<string>;
  onSelect: (spanId: string) => void;
}

function Tabs({ span, hasLedger, within, onSelect }: TabsProps): ReactNode {
  const { tab: wanted } = route.useSearch();
  const navigate = useNavigate({ from: "/traces/$traceId" });
  const list = useRef<HTMLDivElement>(null);
  const logs = useQuery(queries.logs(span.trace_id));
  const links = useQuery(queries.linkedFrom(span.trace_id));
  const linkedFrom = useMemo(() => (links.data ?? NO_LINKS).filter((link) => link.to_span_id === span.span_id), [links.data, span.span_id]);
  const tabs = useMemo(() => tabsOf(span, hasLedger, linkedFrom.length), [span, hasLedger, linkedFrom.length]);
  const ownLogs = useMemo(() => (logs.data?.logs ?? []).filter((log) => log.span_id === span.span_id), [logs.data, span.span_id]);
  const asksBill = wanted === "ledger" || (wanted === undefined && tabs[0] === "ledger");
  const ledger = useQuery({ ...queries.bill(span.trace_id), enabled: hasLedger && asksBill });
  const bill = useMemo(() => (ledger.data ?? NO_LINES).filter((line) => within.has(line.span_id)), [ledger.data, within]);
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

  const counts: Partial<Record<Tab, number>> = { logs: ownLogs.length, events: span.events.length, links: span.links.length + linkedFrom.length };
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
        <TabContent tab={tab} span={span} ledger={ledger.data} linkedFrom={linkedFrom} within={within} onSelect={onSelect} />
      </div>
    </>
  );
}
