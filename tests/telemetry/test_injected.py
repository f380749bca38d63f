"""LLM calls where somebody else sets OpenTelemetry up, as Kubernetes' operator does: packages on the path, no code."""

import subprocess
import sys
from pathlib import Path

import httpx
import opentelemetry.instrumentation.auto_instrumentation as stock

from tests.qa.process import PROGRAM
from tests.running import Running
from tests.telemetry.program import ROOT, environment, run_program

# What the operator puts first on PYTHONPATH: its `sitecustomize.py` starts everything.
STARTER = str(Path(stock.__file__).parent)
INJECTED = {
    "OTEL_SERVICE_NAME": "injected",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_BSP_SCHEDULE_DELAY": "200",
    "OTEL_BLRP_SCHEDULE_DELAY": "200",
    "OTEL_METRIC_EXPORT_INTERVAL": "1000",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "http,database,gen_ai_latest_experimental",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY",
    "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true",
}
# Instrumentations of the other camps, installed for other tests: they would tell each call again.
OTHERS = ("opentelemetry_instrumentation_openai-", "opentelemetry_instrumentation_langchain-", "openinference_")
WITH_STARTER = f"import sitecustomize\n{PROGRAM}"


def image(folder: Path) -> str:
    """The packages of an image that has ours and no others: links to those installed here. A value of PYTHONPATH."""
    folder.mkdir()
    for place in Path(stock.__file__).parents[3].iterdir():
        if not (place.name.startswith(OTHERS) and place.name.endswith(".dist-info")):
            (folder / place.name).symlink_to(place)
    return f"{STARTER}:{ROOT / 'src'}:{folder}"


def test_the_api_is_all_it_needs() -> None:
    run_program(
        """
        import sys
        from llm_tracing.telemetry.injected import LLMInstrumentor

        one = LLMInstrumentor()
        one.instrument(skip_dep_check=True)
        assert one.is_instrumented_by_opentelemetry
        assert [name for name in sys.modules if name.startswith("opentelemetry.sdk")] == []
        import openai, langchain_core.runnables
        assert "opentelemetry.instrumentation.genai.openai" in sys.modules
        one.uninstrument()
        assert not LLMInstrumentor().is_instrumented_by_opentelemetry
        """,
        "http://127.0.0.1:1",
        warnings="ignore",
    )


def test_a_broken_instrumentation_does_not_end_the_loading_of_the_others() -> None:
    run_program(
        """
        import logging
        from llm_tracing.telemetry import injected

        def broken(rows, told):
            raise RuntimeError("broken")

        injected.Instrumented = broken
        said = []
        logging.getLogger("llm_tracing.telemetry").addFilter(lambda record: said.append(record.getMessage()))
        try:
            injected.LLMInstrumentor().instrument()
        except RuntimeError as error:
            raise SystemExit(f"raised: {error}")
        assert said == ["LLM calls are not observed: RuntimeError: broken"], said
        """,
        "http://127.0.0.1:1",
    )


def test_a_service_without_a_line_of_telemetry_is_one_story(server: Running, tmp_path: Path) -> None:
    settings = environment(
        server.addresses.http,
        **INJECTED,
        PYTHONPATH=image(tmp_path / "packages"),
        LLM_TRACING_APPROACH="none",
        LLM_TRACING_DATA=str(tmp_path),
    )
    # Without its own site-packages (-S), and so without the start by itself.
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", WITH_STARTER], env=settings, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        asked = {"question": "list the most popular albums"}
        assert httpx.post(f"{url}/ask", json=asked, timeout=60, trust_env=False).json()["answer"]
        process.terminate()
        process.wait(30)
    finally:
        process.kill()
        process.communicate(timeout=10)
    [trace] = [trace for trace in server.traces() if trace.name.endswith("/ask")]
    spans = server.trace(trace.trace_id).spans
    assert (trace.service, trace.llm_call_count) == ("injected", 2)
    assert trace.usage.total_tokens
    names = [one.name for one in spans]
    assert any("write SQL" in name for name in names), names
    assert [one.input_messages for one in spans if one.kind == "llm"] != [None, None]
    assert any(one.kind == "db" for one in spans)
    assert server.logs()
    assert {"gen_ai.client.token.usage", "gen_ai.client.operation.duration"} <= {m.name for m in server.metrics()}


def test_the_entry_point_is_found() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from importlib.metadata import entry_points\n"
         "[one] = entry_points(group='opentelemetry_instrumentor', name='llm_tracing')\nprint(one.load().__name__)"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert ended.stdout.strip() == "LLMInstrumentor"
