import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queries } from "../api/queries";
import type { Span } from "../api/types.gen";
import { formatDuration } from "../format/duration";
import { formatTokens, plural } from "../format/numbers";
import { visible } from "../format/text";
import { stepsOf } from "../model/steps";
import { KindIcon, Status } from "../ui/Icon";
import { Failure, Skeleton } from "../ui/Notice";

/** The steps of a trace that mean something, read when they are opened; the rest is in the trace. */
export function Steps({ traceId }: { traceId: string }): ReactNode {
  const trace = useQuery(queries.trace(traceId));
  if (trace.isPending) return <Skeleton rows={3} />;
  if (trace.isError) return <Failure error={trace.error} onRetry={() => void trace.refetch()} />;
  const { steps, left } = stepsOf(trace.data.spans);
  return (
    <ol className="steps">
      {steps.map((span) => (
        <Step key={span.span_id} span={span} traceId={traceId} />
      ))}
      {left > 0 && (
        <li className="muted">
          <Link to="/traces/$traceId" params={{ traceId }} search={{}}>
            {plural(left, "more span")} in the trace
          </Link>
        </li>
      )}
    </ol>
  );
}

function Step({ span, traceId }: { span: Span; traceId: string }): ReactNode {
  return (
    <li>
      <Link to="/traces/$traceId" params={{ traceId }} search={{ span: span.span_id }} className="step">
        <KindIcon kind={span.kind} />
        <span className="cut">{visible(span.name)}</span>
        <span className="muted cut">{visible(span.response_model ?? span.request_model ?? "")}</span>
        {span.status === "error" && <Status status="error" />}
        <span className="muted number">{span.usage ? formatTokens(span.usage.total_tokens) : ""}</span>
        <span className="number">{formatDuration(span.duration_ns)}</span>
      </Link>
      {span.error?.message && <p className="error-text step-error">{visible(span.error.message.slice(0, 500))}</p>}
    </li>
  );
}
