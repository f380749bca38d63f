import type { ReactNode } from "react";
import { useLiveOpen } from "../api/hooks";
import { Code } from "../ui/Code";
import { ImportButton } from "./ImportDialog";

/** Before the first trace: how to send one. The page becomes the list when it arrives. */
export function FirstSteps(): ReactNode {
  const origin = window.location.origin;
  const open = useLiveOpen();
  return (
    <div className="first-steps">
      <h1>No traces yet</h1>
      <p>
        This server takes OpenTelemetry traces, logs and metrics at <code>{origin}</code>. Send one in any of these ways, and this
        page turns into the list.
      </p>
      <h2>A Python service, in two lines</h2>
      <Code label="Python" text={python(origin)} />
      <h2>Anything with an OpenTelemetry SDK</h2>
      <Code label="Environment" text={environment(origin)} />
      <h2>By hand</h2>
      <Code label="Shell" text={curl(origin)} />
      <h2>From a file</h2>
      <p>
        <ImportButton /> of OTLP JSON, such as the collector's file exporter writes.
      </p>
      <p className="muted waiting" role="status">
        <span className={`live-dot ${open ? "on" : "slow"}`} aria-hidden="true" />
        {open ? "Waiting for the first trace" : "Asking every five seconds"}
      </p>
    </div>
  );
}

function python(origin: string): string {
  return `import llm_tracing

llm_tracing.configure("my-service", endpoint="${origin}")`;
}

function environment(origin: string): string {
  return `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_SERVICE_NAME=my-service
export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY
opentelemetry-instrument python app.py`;
}

function curl(origin: string): string {
  return `hex() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \\n'; }
now=$(date +%s)
curl ${origin}/v1/traces -H 'Content-Type: application/json' -d '{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "by-hand"}}]},
  "scopeSpans": [{"spans": [{
    "traceId": "'$(hex 16)'", "spanId": "'$(hex 8)'", "name": "first span", "kind": 2,
    "startTimeUnixNano": "'$now'000000000", "endTimeUnixNano": "'$now'250000000"
  }]}]
}]}'`;
}
