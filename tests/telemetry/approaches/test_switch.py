"""The switch: its names, what it says when it cannot, and that it leaves nothing behind."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llm_tracing.telemetry.approaches import APPROACHES, approaches_table, find_approach, start_approach
from llm_tracing.telemetry.errors import MissingPackages, TelemetryError, UnknownApproach
from tests.telemetry.program import run_program
from tests.telemetry.sink import http_sink

NAMES = ["none", "logging", "json", "langsmith", "auto", "otel", "openllmetry", "openinference"]

# What an approach may change in a process, as text that compares.
STATE = """
    import json, logging, logging.config, os, sys
    import opentelemetry.exporter.otlp.proto.http.trace_exporter, opentelemetry.sdk.trace.export
    from opentelemetry import metrics
    def state():
        from llm_tracing.telemetry.providers import processors, readers
        names = ["", "uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpx2", "langsmith.client",
                 "opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk._shared_internal"]
        loggers = {n: logging.getLogger(n) for n in names}
        import uvicorn, fastapi, langsmith.client, langsmith.run_trees
        meters = metrics.get_meter_provider()
        return {
            "loggers": {n: [len(l.handlers), l.level, l.propagate, len(l.filters)] for n, l in loggers.items()},
            "environment": sorted(n for n in os.environ if n.startswith(("OTEL_", "LANG", "TRACELOOP_"))),
            "processors": len(processors()),
            "readers": len(getattr(getattr(meters, "_measurement_consumer", None), "_reader_storages", ())),
            "wrapped": [hasattr(f, "__wrapped__") for f in (
                uvicorn.Config.load, uvicorn.Config.configure_logging, fastapi.FastAPI.build_middleware_stack,
                langsmith.run_trees.RunTree.post, langsmith.client.Client.request_with_retries)],
            "logging": [f.__module__ for f in (logging.basicConfig, logging.config.dictConfig)],
        }
"""

SWITCHING = (
    STATE
    + """
    from opentelemetry import trace
    from llm_tracing.telemetry.approaches import start_approach
    before = state()
    counts = {}
    for name in sys.argv[1].split(","):
        started = start_approach(name, "shop", "1.2")
        with trace.get_tracer("shop").start_as_current_span("work in " + name):
            logging.getLogger("shop").warning("line in %s", name)
        counts[name] = [len(logging.getLogger().handlers), state()["processors"]]
        started.shutdown()
        started.shutdown()
        after = state()
        for what, value in before.items():
            assert after[what] == value, (name, what, value, after[what])
    print(json.dumps(counts))
    """
)


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    start_approach("none", "shop").shutdown()


def test_the_approaches_have_the_names_of_the_steps() -> None:
    assert list(APPROACHES) == NAMES
    assert all(approach.name == name and approach.summary.endswith(".") for name, approach in APPROACHES.items())
    docs = Path(__file__).parents[3] / "docs"
    for page in ("configure.md", "steps/README.md"):
        assert approaches_table() in (docs / page).read_text(encoding="utf-8")


def test_the_name_wins_over_the_environment_and_otel_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_TRACING_APPROACH", raising=False)
    assert find_approach().name == "otel"
    monkeypatch.setenv("LLM_TRACING_APPROACH", " json ")
    assert find_approach().name == "json"
    assert find_approach("none").name == "none"


def test_an_unknown_name_is_told_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_TRACING_APPROACH", "magic")
    with pytest.raises(UnknownApproach) as problem:
        start_approach(None, "shop")
    assert "'magic'" in problem.value.message
    assert all(name in problem.value.hint for name in NAMES)
    assert isinstance(problem.value, TelemetryError | ValueError)


@pytest.mark.parametrize(("extra", "line"), [("json", "llm-tracing[json]"), (None, "pip install 'llm-tracing'")])
def test_missing_packages_are_told_with_the_line_that_installs_them(extra: str | None, line: str) -> None:
    approach = replace(APPROACHES["json"], extra=extra, modules=("no_such_package.part", "json"))
    with pytest.raises(MissingPackages) as problem:
        approach.start("shop")
    assert "no_such_package.part" in problem.value.message
    assert line in problem.value.hint


def test_an_approach_is_imported_when_it_is_chosen() -> None:
    program = """
    import sys
    from llm_tracing.telemetry.approaches import APPROACHES, start_approach
    [approach.missing() for approach in APPROACHES.values()]
    start_approach("none", "shop").shutdown()
    print(sorted({"pythonjsonlogger", "langsmith", "opentelemetry.sdk", "langchain_core"} & set(sys.modules)))
    """
    assert run_program(program, "").stdout == "[]\n"


@pytest.mark.parametrize(
    "order",
    [
        "logging,json,logging,none,langsmith,json",
        "otel,openllmetry,openinference,langsmith,otel,otel",
        "auto,logging,otel,json,openinference",
    ],
)
def test_one_after_the_other_leaves_no_handler_exporter_wrapper_or_variable(order: str) -> None:
    with http_sink() as sink:
        program = SWITCHING.replace("sys.argv[1]", repr(order))
        counts = json.loads(run_program(program, sink.endpoint, warnings="default").stdout)
    traced = {"otel", "openllmetry", "openinference", "auto"}
    for name, (handlers, processors) in counts.items():
        assert processors == (2 if name in traced else 0), name
        assert handlers == (2 if name in traced else 0 if name == "none" else 1), name
    lines = [record.body for record in sink.logs if str(record.body).startswith("line in")]
    assert lines == [f"line in {name}" for name in order.split(",") if name in traced]
    spans = [span.name for span in sink.spans if span.name.startswith("work in")]
    assert spans == [f"work in {name}" for name in order.split(",") if name in traced]


def test_the_next_one_ends_the_one_before() -> None:
    program = """
    import logging
    from llm_tracing.telemetry.approaches import start_approach
    first = start_approach("logging", "shop")
    second = start_approach("json", "shop")
    assert len(logging.getLogger().handlers) == 1
    first.shutdown()
    assert len(logging.getLogger().handlers) == 1
    second.shutdown()
    assert logging.getLogger().handlers == []
    """
    run_program(program, "")


def test_auto_after_another_set_up_is_refused() -> None:
    program = """
    from llm_tracing.telemetry.approaches import start_approach
    from llm_tracing.telemetry.errors import NotFirst
    start_approach("otel", "shop").shutdown()
    try:
        start_approach("auto", "shop")
    except NotFirst as problem:
        print(problem.hint)
    """
    assert run_program(program, "http://127.0.0.1:9").stdout == "Choose it when the process starts.\n"


@pytest.mark.parametrize("name", ["otel", "openllmetry", "auto", "openinference"])
def test_the_three_signals_carry_one_name_version_and_instance(name: str) -> None:
    program = f"""
    import logging
    from opentelemetry import metrics, trace
    from llm_tracing.telemetry.approaches import start_approach
    started = start_approach("{name}", "shop", "1.2")
    with trace.get_tracer("shop").start_as_current_span("work"):
        logging.getLogger("shop").warning("a line")
    metrics.get_meter("shop").create_counter("loaves").add(1)
    started.shutdown()
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint, warnings="default")
    resources = [item.resource for items in (sink.spans, sink.logs, sink.metrics) for item in items]
    assert sink.spans
    assert sink.logs
    assert sink.metrics
    about = {
        tuple(resource.get(f"service.{part}") for part in ("name", "version", "instance.id")) for resource in resources
    }
    [(service, version, instance)] = about
    assert (service, version) == ("shop", "1.2")
    assert instance


def test_every_extra_that_is_named_is_there() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {approach.extra for approach in APPROACHES.values() if approach.extra}
    assert named <= set(project["optional-dependencies"])
