"""The server's own metrics: what they count, and that Prometheus reads them."""

import shutil
import subprocess
import time
from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from llm_tracing.observing.calls import MAX_LABELS, OTHERS
from tests.builders import chat, log, log_request, span, trace_request
from tests.running import Running

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
CALLS = "llm_tracing_gen_ai_call_duration_seconds_count"


def scrape(server: Running) -> Samples:
    text = server.http.get("/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def total(samples: Samples, name: str) -> float:
    return sum(value for (found, _), value in samples.items() if found == name)


def call(number: int, model: str = "gpt-4o-mini", tokens: tuple[int, int] = (10, 5), parent: int | None = None) -> Span:
    return span("chat", number, parent=parent, attributes=chat(model=model, tokens=tokens))


def count_now(server: Running) -> None:
    """Count the calls that came, without the wait for more of their traces."""
    server.server.stack.ingest.run(lambda: None).result(10)  # those who listen were told after the answer
    server.server.stack.calls._settled_s = 0
    server.server.stack.calls.look()


def test_prometheus_itself_finds_nothing_to_complain_of(server: Running) -> None:
    server.export(trace_request(span("ask", 1), call(2, parent=1, tokens=(10, 5))))
    server.post("/v1/traces", b"no protobuf")
    server.http.get("/api/v1/traces/zz")
    server.http.get("/dashboard")
    count_now(server)
    text = server.http.get("/metrics").content
    promtool = shutil.which("promtool")
    assert promtool, "install Debian's package prometheus"
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_what_came_what_was_refused_and_how_long_it_took(server: Running) -> None:
    server.export(trace_request(span("a", 1)), log_request(log()))
    assert server.post("/v1/traces", b"no protobuf").status_code == 400
    server.trace(server.traces()[0].trace_id)
    server.http.get("/dashboard")
    server.http.get("/nowhere/at/all")
    found = scrape(server)
    assert one(found, "llm_tracing_receiver_requests_total", signal="traces") == 1
    assert one(found, "llm_tracing_receiver_spans_total") == 1
    assert one(found, "llm_tracing_receiver_refused_total", reason="invalid") == 1
    assert one(found, "llm_tracing_kept_errors") == 1
    assert one(found, "llm_tracing_commit_duration_seconds_count") == 2
    seconds = "llm_tracing_http_request_duration_seconds_count"
    assert one(found, seconds, method="POST", route="/v1/traces", status="200") == 1
    assert one(found, seconds, method="POST", route="/v1/traces", status="400") == 1
    assert one(found, seconds, method="GET", route="/api/v1/traces/{trace_id}", status="200") == 1
    assert one(found, seconds, method="GET", route="/dashboard", status="200") == 1
    assert one(found, seconds, method="GET", route="(none)", status="404") == 1
    assert one(found, "llm_tracing_store_read_duration_seconds_count") > 0
    assert one(found, "process_resident_memory_bytes") > 10_000_000
    assert one(found, "process_cpu_seconds_total") > 0


def test_rows_bytes_files_and_disk(server: Running) -> None:
    server.export(trace_request(span("a", 1), span("b", 2, parent=1)))
    server.server.stack.store.database.checkpoint()
    found = scrape(server)
    assert one(found, "llm_tracing_checkpoint_duration_seconds_count") == 1
    assert one(found, "llm_tracing_store_rows", table="spans") == 2
    assert one(found, "llm_tracing_store_table_bytes", table="spans") > 0
    data = server.data / "llm-tracing.duckdb"
    assert one(found, "llm_tracing_store_file_bytes", file="data") == data.stat().st_size
    assert one(found, "llm_tracing_disk_free_bytes") > 0
    assert one(found, "llm_tracing_queue_bytes") == 0


def test_what_is_redacted_is_counted_by_rule(tmp_path: Path) -> None:
    with Running(tmp_path, redact="email") as server:
        server.export(trace_request(span("a", 1, attributes={"who": "ann@example.com, bob@example.com"})))
        assert one(scrape(server), "llm_tracing_redacted_total", rule="email") == 2


def test_a_cut_value_is_no_refusal(tmp_path: Path) -> None:
    with Running(tmp_path, max_attribute_bytes=100) as server:
        request = trace_request(span("a", 1, attributes={"text": "x" * 200}))
        assert server.post("/v1/traces", request.SerializeToString()).status_code == 200
        found = scrape(server)
        assert one(found, "llm_tracing_receiver_cut_total", reason="attribute_cut") == 1
        assert total(found, "llm_tracing_receiver_refused_total") == 0


def test_what_retention_deletes_is_counted(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.export(trace_request(span("long ago", 1)))
    with Running(tmp_path, keep_days=1) as server:
        until = time.monotonic() + 30
        while not server.server.stack.keeper.rounds and time.monotonic() < until:
            time.sleep(0.02)
        found = scrape(server)
        assert one(found, "llm_tracing_retention_deletions_total", signal="traces") == 1
        assert one(found, "llm_tracing_retention_rounds_total", end="done") == 1
        assert one(found, "llm_tracing_retention_running_seconds") == 0
        assert one(found, "llm_tracing_store_rows", table="spans") == 0


def test_calls_tokens_cost_and_errors_by_model(server: Running) -> None:
    server.export(
        trace_request(
            span("root", 9),
            call(1, parent=9, tokens=(100, 20), model="gpt-4o-mini"),
            call(2, parent=9, tokens=(10, 5), model="gpt-4o-mini"),
            call(3, parent=9, tokens=(1, 1), model="nobody-knows-it"),
        )
    )
    count_now(server)
    count_now(server)
    known = {"service_name": "shop", "gen_ai_provider_name": "openai", "gen_ai_response_model": "gpt-4o-mini"}
    unknown = {**known, "gen_ai_response_model": "nobody-knows-it"}
    found = scrape(server)
    assert one(found, CALLS, **known) == 2
    assert one(found, "llm_tracing_gen_ai_tokens_total", bucket="fresh_input", **known) == 110
    assert one(found, "llm_tracing_gen_ai_tokens_total", bucket="output", **known) == 25
    assert one(found, "llm_tracing_gen_ai_cost_usd_total", **known) == (110 * 0.15 + 25 * 0.6) / 1_000_000
    assert one(found, "llm_tracing_gen_ai_unpriced_calls_total", **unknown) == 1
    assert total(found, CALLS) == 3


def test_a_call_counts_once_however_often_its_trace_changes_and_over_a_restart(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.export(trace_request(call(2, parent=1)))
        count_now(server)
        server.export(trace_request(span("root", 1)), trace_request(call(2, parent=1)))
        count_now(server)
        assert total(scrape(server), CALLS) == 1
    with Running(tmp_path) as server:
        server.export(trace_request(call(3, parent=1)))
        count_now(server)
        assert total(scrape(server), CALLS) == 1  # only the new one: the others were counted before


def test_a_call_waits_until_its_trace_is_quiet(server: Running) -> None:
    server.export(trace_request(call(2, parent=1)))
    server.server.stack.calls.look()
    assert total(scrape(server), CALLS) == 0


def test_models_without_end_are_counted_together(server: Running) -> None:
    for first in range(0, MAX_LABELS + 50, 50):
        server.export(trace_request(*(call(i, model=f"m{i}") for i in range(first + 1, first + 51))))
    count_now(server)
    found = scrape(server)
    series = {labels for name, labels in found if name == CALLS}
    assert len(series) == MAX_LABELS + 1
    together = dict.fromkeys(("service_name", "gen_ai_provider_name", "gen_ai_response_model"), OTHERS)
    assert one(found, CALLS, **together) == 50
