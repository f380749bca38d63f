"""Asks the reference service one question with one client around it, sends what the client has seen, and ends.

python -m tests.live.question APPROACH MODEL_URL QUESTION

Prints `{"sql", "answer"}`. A process for each question: a client cannot be taken off again for sure.
"""

import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable
from importlib import import_module

from tests.live.approaches import INSTRUMENTORS, Approach, approach


def send_by_otlp() -> Callable[[], None]:
    """OpenTelemetry's SDK as its manual sets it up, with a span for each request; the result ends it."""
    from opentelemetry import trace
    from opentelemetry._logs import set_logger_provider
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    tracers, loggers = TracerProvider(), LoggerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    trace.set_tracer_provider(tracers)
    set_logger_provider(loggers)
    FastAPIInstrumentor().instrument()

    def end() -> None:
        loggers.shutdown()
        tracers.shutdown()

    return end


def set_up(chosen: Approach) -> list[Callable[[], None]]:
    """Switch the client on; what to call when the question is answered, in order."""
    if chosen.sender == "configure":
        import llm_tracing

        return [llm_tracing.configure().shutdown]
    ends = [flush_langsmith] if "langsmith" in chosen.packages else []
    if chosen.sender == "sdk":
        ends.append(send_by_otlp())
    for package in chosen.packages:
        if package in INSTRUMENTORS:
            module, _, name = INSTRUMENTORS[package].partition(":")
            getattr(import_module(module), name)().instrument()
    return ends


def flush_langsmith() -> None:
    """Its client sends in a thread; in its OTLP-only mode it has made a provider as well."""
    from langsmith.run_trees import get_cached_client
    from opentelemetry import trace

    get_cached_client().flush()
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush()


def ask_service(question: str, model_url: str) -> dict[str, object]:
    """The reference service on a port of its own, asked over HTTP."""
    from llm_tracing.qa.app import create_app
    from llm_tracing.qa.local_server import serving
    from llm_tracing.qa.settings import load_settings

    with serving(create_app(load_settings(), offline_base_url=model_url)) as address:
        query = urllib.parse.urlencode({"question": question})
        with urllib.request.urlopen(f"{address}/ask?{query}", timeout=30) as reply:
            told = json.load(reply)
    return {"sql": told["sql"], "answer": told["answer"]}


def main(name: str, model_url: str, question: str) -> None:
    chosen = approach(name)
    ends = set_up(chosen)
    if chosen.asker == "service":
        told = ask_service(question, model_url)
    else:
        from tests.live.plain import ask

        told = ask(question, model_url)
    for end in ends:
        end()
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
