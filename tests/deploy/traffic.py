"""Something of all that the dashboards show, through a collector: questions, streamed and failing calls, log lines."""

import time

import httpx

from tests.builders import log, log_request
from tests.deploy.collector import Collector
from tests.deploy.test_collector_path import send
from tests.qa.process import running_service
from tests.telemetry.model_endpoint import model_endpoint
from tests.telemetry.program import run_program

_CALLS = """
import llm_tracing, openai, time
telemetry = llm_tracing.configure("streams")
client = openai.OpenAI(base_url="{model}", api_key="none", max_retries=0)
known, words = "gpt-4o-mini", ("hello", "overloaded", "overloaded")
for model, words in (*((known, one) for one in words), ("unknown", "hello")):
    try:
        answer = client.chat.completions.create(
            model=model, stream=True, stream_options={{"include_usage": True}},
            messages=[{{"role": "user", "content": words}}],
        )
        list(answer)
    except openai.APIStatusError:
        pass
    telemetry.force_flush()
    time.sleep(1.5)
telemetry.shutdown()
"""


def traffic(collector: Collector, folder: str) -> list[str]:
    """The trace ids of the questions asked; `folder` is the service's own."""
    endpoint = f"http://127.0.0.1:{collector.http}"
    send(collector, "logs", log_request(log("a line", time=time.time_ns())))
    asked = {"question": "list the most popular albums", "session_id": "s1", "user_id": "u1"}
    traces: list[str] = []
    with (
        model_endpoint() as model,
        running_service(
            OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_METRIC_EXPORT_INTERVAL="1000", LLM_TRACING_DATA=folder
        ) as qa,
    ):
        for _ in range(2):
            answer = httpx.post(f"{qa.url}/ask", json=asked, timeout=60, trust_env=False).raise_for_status()
            traces.append(answer.json()["trace_id"])
            run_program(_CALLS.format(model=model), endpoint, warnings="ignore", OTEL_METRIC_EXPORT_INTERVAL="500")
    return traces
