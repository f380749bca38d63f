import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import { ApiFailure } from "../api/client";
import { useChanges } from "../api/hooks";
import { queries } from "../api/queries";
import { firstLine } from "../format/text";
import { Failure, Skeleton } from "../ui/Notice";
import { useReadAgain } from "../ui/useReadAgain";
import { useTitle } from "../ui/useTitle";
import { NotHere } from "./NotHere";
import { TraceView } from "./TraceView";

const route = getRouteApi("/traces/$traceId");

const TRACE_ID = /^[0-9a-f]{32}$/;

/** Loads one trace and follows it while it arrives. */
export function TracePage(): ReactNode {
  const { traceId: asked } = route.useParams();
  const traceId = asked.toLowerCase();
  const isId = TRACE_ID.test(traceId);
  const trace = useQuery({ ...queries.tree(traceId), enabled: isId });
  const notFound = trace.error instanceof ApiFailure && trace.error.status === 404 ? trace.error : null;
  const missing = notFound !== null;
  const running = trace.data?.trace.status === "running";

  const readAgain = useReadAgain("trace", traceId);
  const onChange = useCallback(
    (ids: readonly string[] | null) => {
      // Without a stream only what can still change is asked for again.
      const concerned = ids === null ? missing || running : ids.includes(traceId);
      if (concerned) readAgain();
    },
    [traceId, missing, running, readAgain],
  );
  useChanges(isId, onChange);
  useTitle(trace.data ? firstLine(trace.data.trace.input, 80) || trace.data.trace.name : `Trace ${traceId.slice(0, 8)}`);

  if (!isId) return <NotHere traceId={asked} title="No trace has this id" message="A trace id is 32 hex digits." />;
  if (trace.data) return <TraceView key={traceId} detail={trace.data} />;
  if (notFound) return (
      <NotHere
        traceId={traceId}
        title="Not here (yet)"
        message="No trace with this id has arrived. Traces are sent in batches, often some seconds late; this page shows it as soon as it is here."
      />
    );
  if (trace.error) {
    return (
      <div className="blank">
        <Failure error={trace.error} onRetry={() => void trace.refetch()} />
      </div>
    );
  }
  return <Skeleton rows={14} />;
}
