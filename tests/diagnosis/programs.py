"""Programs whose spans do not show, each for a reason of its own; the reason is the argument."""

import os
import signal
import sys
import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def main(reason: str) -> None:
    provider = TracerProvider(resource=Resource.create({"service.name": "watched"}))
    if reason != "no exporter":
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("watched.scope")
    if reason == "no spans":
        return
    if reason == "twice":
        from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor as Traceloop

        OpenAIInstrumentor().instrument()
        Traceloop().instrument()
    with tracer.start_as_current_span("step"), tracer.start_as_current_span("chat") as span:
        span.set_attribute("gen_ai.operation.name", "chat")
        span.set_attribute("gen_ai.provider.name", "openai")
        span.set_attribute("gen_ai.request.model", "gpt-4o-mini")
        span.set_attribute("gen_ai.usage.input_tokens", 5)
    if reason == "never ended":
        tracer.start_span("open")
    if reason == "os._exit":
        os._exit(0)
    if reason == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if reason == "goes on":
        provider.force_flush()
        time.sleep(60)
    if reason == "fails":
        raise SystemExit(3)


if __name__ == "__main__":
    main(sys.argv[1])
