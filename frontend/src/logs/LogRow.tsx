import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { LogRecord } from "../api/types.gen";
import { visible } from "../format/text";
import { formatExactTime, formatTime } from "../format/time";
import { exceptionOf, levelOf, messageOf } from "../model/logs";
import { Icon } from "../ui/Icon";
import { LogDetails } from "./LogDetails";

interface Props {
  log: LogRecord;
  open: boolean;
  onOpen: (id: string | undefined) => void;
  onFilter: (term: string) => void;
}

/** One line: the severity as the bar at the left, then the message; all fields below when it is open. */
export const LogRow = memo(function LogRow({ log, open, onOpen, onFilter }: Props): ReactNode {
  const level = levelOf(log.severity_number);
  const raised = exceptionOf(log);
  const message = messageOf(log);
  return (
    <div className={`log-row level-${level}`} data-testid="log-row" data-open={open}>
      <div className="log-line">
        <button type="button" className="log-open" aria-expanded={open} onClick={() => onOpen(open ? undefined : log.id)}>
          <time className="mono muted" title={formatExactTime(log.time_unix_nano)}>
            {clock(log.time_unix_nano)}
          </time>
          <span className="log-level">{visible(log.severity_text.slice(0, 12)) || (level === "unset" ? "–" : level.toUpperCase())}</span>
          <span className="log-message" dir="auto">
            {message}
            {raised && raised.title !== message && <span className="error-text"> {raised.title}</span>}
          </span>
          <span className="log-service cut muted">{visible(log.service)}</span>
        </button>
        {log.trace_id ? (
          <Link
            to="/traces/$traceId"
            params={{ traceId: log.trace_id }}
            search={log.span_id ? { span: log.span_id, tab: "logs" } : {}}
            className="tag log-trace"
            title={`To the ${log.span_id ? "span" : "trace"} that wrote it`}
          >
            <Icon name="traces" /> trace
          </Link>
        ) : (
          <span className="log-trace" />
        )}
      </div>
      {open && <LogDetails log={log} raised={raised} onFilter={onFilter} />}
    </div>
  );
});

/** `12:04:31.120`, or `23 Nov 12:04` where it is not today; the exact time is its title. */
function clock(ns: string): string {
  const exact = formatExactTime(ns);
  const short = formatTime(ns);
  const time = exact.slice(11, 23);
  return /^\d\d:\d\d:\d\d$/.test(short) ? time : short;
}
