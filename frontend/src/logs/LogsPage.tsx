import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import type { LogQuery } from "../api/exchange";
import { visible } from "../format/text";
import type { LogsSearch } from "../model/address";
import { termsOf, toggleTerm } from "../model/filter";
import { LEAST, withLeast } from "../model/logs";
import { sinceOf } from "../model/range";
import "../styles/logs.css";
import { Icon } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";
import { useKeys } from "../ui/useKeys";
import { useTitle } from "../ui/useTitle";
import { NothingMatches } from "../filter/NothingMatches";
import { LogBar } from "./LogBar";
import { LogList } from "./LogList";
import { NoLogs } from "./NoLogs";
import { SeverityHistogram } from "./SeverityHistogram";
import { useLogFeed } from "./useLogFeed";

const route = getRouteApi("/logs");

export function LogsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/logs" });
  const [held, setHeld] = useState(false);
  const [now, setNow] = useState(() => Date.now());
  const filter = useRef<HTMLInputElement>(null);
  useTitle("Logs");
  const { q = "", severity, since, until, open } = search;
  // A part of the time in the past stays as it is.
  const live = search.live !== "off" && until === undefined;
  const query = useMemo<LogQuery>(
    () => ({ q, severity: severity && LEAST[severity], since: sinceOf(since, now), until }),
    [q, severity, since, until, now],
  );
  const feed = useLogFeed(query, live, held);
  const { logs } = feed;
  const change = useCallback(
    (part: LogsSearch, replace = true) => {
      setNow(Date.now());
      void navigate({ search: (old) => ({ ...old, ...part }), replace });
    },
    [navigate],
  );
  const setOpen = useCallback((id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: true }), [navigate]);
  const only = useCallback(
    (term: string) => {
      const [key = "", value = ""] = [termsOf(term)[0]?.key ?? "", termsOf(term)[0]?.value ?? ""];
      void navigate({ search: (old) => ({ ...old, q: toggleTerm(old.q ?? "", key, value) || undefined, open: undefined }) });
    },
    [navigate],
  );
  const step = (by: number): void => {
    if (!logs || logs.length === 0) return;
    const at = logs.findIndex((log) => log.id === open);
    setOpen(logs[at < 0 ? 0 : Math.min(logs.length - 1, Math.max(0, at + by))]?.id);
  };
  const toTrace = (): void => {
    const log = logs?.find((one) => one.id === open);
    if (log?.trace_id) {
      void navigate({ to: "/traces/$traceId", params: { traceId: log.trace_id }, search: log.span_id ? { span: log.span_id, tab: "logs" } : {} });
    }
  };
  useKeys({
    nextLog: () => step(1),
    previousLog: () => step(-1),
    closeLog: () => setOpen(undefined),
    logTrace: toTrace,
  });
  const refused = feed.error instanceof ApiFailure && feed.error.status === 400;
  const unfiltered = q === "" && !severity && !since && !until;
  const trace = termsOf(q).find((term) => term.key === "trace" && !term.negated)?.value;
  return (
    <div className="logs-page">
      <LogBar inputRef={filter} search={search} error={feed.error} live={live} onChange={change} />
      <SeverityHistogram query={query} live={live} onRange={(first, last) => change({ since: first, until: last, open: undefined }, false)} />
      <div className="log-narrowed" role="status">
        {trace && /^[0-9a-f]{32}$/i.test(trace) && (
          <Link to="/traces/$traceId" params={{ traceId: trace.toLowerCase() }} search={{}} className="tag">
            <Icon name="traces" /> trace {visible(trace.slice(0, 8))}
          </Link>
        )}
      </div>
      <section className="logs-main" aria-label="Logs">
        {!logs && !feed.error && <Skeleton rows={16} />}
        {!logs && feed.error && !refused && <Failure error={feed.error} onRetry={feed.reload} />}
        {logs?.length === 0 && !feed.error && (
          unfiltered ? <NoLogs /> : (
            <NothingMatches
              what="log record"
              q={withLeast(q, severity)}
              range={{ since, until }}
              onQuery={(text) => change({ q: text || undefined, severity: undefined }, false)}
              onAnyTime={() => change({ since: undefined, until: undefined }, false)}
              onClear={() => change({ q: undefined, severity: undefined, since: undefined, until: undefined }, false)}
            />
          )
        )}
        {logs && logs.length > 0 && <LogList feed={feed} logs={logs} open={open} onOpen={setOpen} onFilter={only} onHold={setHeld} />}
      </section>
    </div>
  );
}
