"""LangSmith's own library against a real server of ours, and against none."""

import os
import re
from pathlib import Path

import pytest

from llm_tracing.api.schema import Span
from llm_tracing.telemetry.approaches.langsmith_tracing import server_address, set_environment
from llm_tracing.telemetry.borrowed import BorrowedEnvironment
from tests.running import Running
from tests.telemetry.program import run_program
from tests.telemetry.test_delivery import free_port

PROGRAM = """
    import logging, time
    from llm_tracing.telemetry.approaches import start_approach
    started = start_approach("langsmith", "shop", "1.2")
    from langchain_core.runnables import RunnableLambda
    step = RunnableLambda(lambda text: text.upper()).with_config(run_name="shout")
    whole = RunnableLambda(lambda text: step.invoke(text)).with_config(run_name="answer")
    {body}
    begin = time.monotonic()
    started.shutdown()
    print(f"ended {{time.monotonic() - begin:.3f}}")
"""
ONCE = 'print(whole.invoke("how many?"))'


def names(environ: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(("LANGSMITH_", "LANGCHAIN_"))}


def given(monkeypatch: pytest.MonkeyPatch, **environ: str) -> dict[str, str]:
    """The library's variables that the approach sets over an environment of just these."""
    for name in list(os.environ):
        if name.startswith(("LANG", "OTEL_", "LLM_TRACING_")):
            monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    borrowed = BorrowedEnvironment()
    set_environment(borrowed, "shop")
    found = names(dict(os.environ))
    borrowed.restore()
    assert names(dict(os.environ)) == names(environ)
    return {name: value for name, value in found.items() if name not in environ}


def test_traces_go_to_our_server_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(monkeypatch) == {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_PROJECT": "shop",
        "LANGSMITH_ENDPOINT": "http://127.0.0.1:4318/langsmith",
        "LANGSMITH_API_KEY": "any",
    }


@pytest.mark.parametrize(
    ("environ", "added"),
    [
        # The older names are as good as the newer ones.
        (
            {"LANGCHAIN_TRACING_V2": "true", "LANGCHAIN_API_KEY": "k", "LANGCHAIN_PROJECT": "mine"},
            {"LANGSMITH_ENDPOINT": "http://127.0.0.1:4318/langsmith"},
        ),
        # The user's endpoint is kept, and no key is made up for it.
        (
            {"LANGSMITH_ENDPOINT": "https://api.smith.langchain.com", "LANGSMITH_API_KEY": "k"},
            {"LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": "shop"},
        ),
        ({"LANGCHAIN_ENDPOINT": "https://eu.example"}, {"LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": "shop"}),
        # To the cloud because the user says so.
        (
            {"LLM_TRACING_LANGSMITH_CLOUD": "true", "LANGSMITH_API_KEY": "k"},
            {"LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": "shop"},
        ),
    ],
)
def test_what_the_user_has_set_stays(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], added: dict[str, str]
) -> None:
    assert given(monkeypatch, **environ) == added


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "http://127.0.0.1:4318"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:1/"}, "http://h:1"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http://127.0.0.1:4318"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:1", "LLM_TRACING_UI_URL": "http://ui:2/"}, "http://ui:2"),
    ],
)  # fmt: skip
def test_the_server_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], address: str
) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "LLM_TRACING_UI_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert server_address() == address


def sent_by(span: Span) -> tuple[object, ...]:
    """Service, version and instance as a run has them."""
    return tuple(
        span.attributes.get(f"langsmith.metadata.service.{name}") for name in ("name", "version", "instance.id")
    )


@pytest.mark.parametrize("old_names", [False, True])
def test_a_program_is_on_the_server_when_it_has_ended(server: Running, old_names: bool) -> None:
    old = {"LANGCHAIN_TRACING_V2": "true", "LANGCHAIN_API_KEY": "k", "LANGCHAIN_PROJECT": "mine"}
    settings = {"LANGSMITH_TRACING": "", **(old if old_names else {})}
    ended = run_program(PROGRAM.format(body=ONCE), server.addresses.http, warnings="default", **settings)
    assert ended.stdout.startswith("HOW MANY?\n")
    [trace] = server.traces()
    assert (trace.name, trace.service) == ("answer", "mine" if old_names else "shop")
    root, step = server.trace(trace.trace_id).spans
    assert (root.status, step.name, step.parent_span_id) == ("ok", "shout", root.span_id)
    assert sent_by(root) == sent_by(step) == ("shop", "1.2", root.attributes["langsmith.metadata.service.instance.id"])


def test_every_run_says_who_sent_it(server: Running) -> None:
    body = """
    import uuid
    from langsmith import Client, traceable
    @traceable(metadata={"service.version": "the step's own", "tier": "gold"})
    def inner(text):
        return text
    @traceable(run_type="tool")
    def outer(text):
        return inner(text)
    outer("one")
    whole.invoke("how many?")
    client = Client()
    run = uuid.uuid4()
    client.create_run("by hand", {"q": 1}, "chain", id=run, extra={"metadata": {"tier": "silver"}})
    client.update_run(run, outputs={"a": 2}, end_time=__import__("datetime").datetime.now(__import__("datetime").UTC))
    client.flush()
    """
    run_program(PROGRAM.format(body=body), server.addresses.http, warnings="default", LANGSMITH_TRACING="")
    spans = {span.name: span for trace in server.traces() for span in server.trace(trace.trace_id).spans}
    assert set(spans) == {"inner", "outer", "answer", "shout", "by hand"}
    instances = {sent_by(span)[2] for span in spans.values()}
    assert len(instances) == 1
    assert instances != {None}
    versions = {name: sent_by(span)[:2] for name, span in spans.items()}
    own = {"inner": ("shop", "the step's own")}
    assert versions == {name: own.get(name, ("shop", "1.2")) for name in spans}
    assert spans["inner"].attributes["langsmith.metadata.tier"] == "gold"
    assert spans["by hand"].attributes["langsmith.metadata.tier"] == "silver"


def test_a_run_inside_an_opentelemetry_span_stands_under_it(server: Running) -> None:
    body = """
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    with provider.get_tracer("shop").start_as_current_span("request"):
        whole.invoke("how many?")
    provider.shutdown()
    """
    run_program(PROGRAM.format(body=body), server.addresses.http, warnings="default", LANGSMITH_TRACING="")
    [trace] = server.traces()
    request, answer, shout = server.trace(trace.trace_id).spans
    assert [(span.name, span.depth) for span in (request, answer, shout)] == [
        ("request", 0), ("answer", 1), ("shout", 2),
    ]  # fmt: skip
    assert answer.attributes["langsmith.metadata.traceparent"].split("-")[1:3] == [trace.trace_id, request.span_id]
    assert "langsmith.metadata.traceparent" not in shout.attributes


def test_a_dead_endpoint_is_told_once_and_slows_nothing() -> None:
    body = """
    begin = time.monotonic()
    for _ in range(50):
        whole.invoke("how many?")
        time.sleep(0.02)
    print(f"worked {time.monotonic() - begin:.3f}")
    time.sleep(1.5)
    """
    endpoint = f"http://127.0.0.1:{free_port()}"
    ended = run_program(PROGRAM.format(body=body), endpoint, warnings="default", LANGSMITH_TRACING="")
    [line] = ended.stderr.splitlines()
    assert f"Telemetry cannot be delivered to {endpoint}/langsmith (" in line
    worked, stopped = (float(line.split()[1]) for line in ended.stdout.splitlines())
    assert worked < 4
    assert stopped < 4


def test_a_server_that_goes_and_comes_back_gets_the_rest(tmp_path: Path) -> None:
    port = free_port()
    with Running(tmp_path / "data", port=port):
        pass  # the folder is made
    body = f"""
    import subprocess, sys, urllib.request
    def serve():
        process = subprocess.Popen([sys.executable, "-c", "from llm_tracing.cli import main; main()", "serve",
            "--port", "{port}", "--grpc-port", "0", "--data", {str(tmp_path / "data")!r}], stdout=subprocess.PIPE)
        while not process.stdout.readline().startswith(b"Ctrl-C"):
            pass
        return process
    def wait(text):
        whole.invoke(text)
        time.sleep(1.5)
    first = serve()
    wait("one")
    first.terminate()
    first.wait(10)
    wait("two")
    second = serve()
    wait("three")
    started.shutdown()
    second.terminate()
    second.wait(10)
    """
    ended = run_program(
        PROGRAM.format(body=body),
        f"http://127.0.0.1:{port}",
        warnings="default",
        LANGSMITH_TRACING="",
    )
    told = [line for line in ended.stderr.splitlines() if "llm_tracing.telemetry" in line]
    # The library tries a batch again for some seconds: then nothing was lost and there is nothing to tell.
    assert len(told) in (0, 2), ended.stderr
    assert not told or "cannot be delivered" in told[0]
    again = re.search(r"is delivered to .* again; lost meanwhile: (.*)\.", told[1]) if told else None
    all_there = again is None or again[1] == "nothing"
    with Running(tmp_path / "data", port=port) as server:
        arrived = {str(trace.input) for trace in server.traces()}
    assert arrived >= ({"one", "two", "three"} if all_there else {"one", "three"})
