"""Lists and traces as files: everything of the list, nothing else, whatever its length."""

from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from llm_tracing.exchange import walk
from tests.api.history import everything
from tests.builders import NOON, SECOND, chat, log, log_request, span, trace_hex, trace_request
from tests.exchange.test_round_trip import export, imported
from tests.langsmith_requests import run, run_id
from tests.running import Running


def _lines(content: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in content.splitlines()]


def _parquet(content: bytes, folder: Path) -> list[dict[str, Any]]:
    file = folder / "out.parquet"
    file.write_bytes(content)
    cursor = duckdb.execute("SELECT * FROM read_parquet(?)", [str(file)])
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Running(tmp_path_factory.mktemp("export")) as running:
        running.export(*everything())
        yield running


def test_the_traces_export_has_every_span_of_every_trace_folded_ones_too(server: Running) -> None:
    wanted = {
        (trace.trace_id, span.span_id) for trace in server.traces() for span in server.trace(trace.trace_id).spans
    }
    found = {(line["trace_id"], line["span_id"]) for line in _lines(export(server, "/traces/export"))}
    assert found == wanted


def test_the_list_s_filter_and_range_hold(server: Running) -> None:
    wanted = {trace.trace_id for trace in server.traces(q="status:error")}
    found = {line["trace_id"] for line in _lines(export(server, "/traces/export", q="status:error"))}
    assert found == wanted
    assert wanted
    assert export(server, "/traces/export", until="1") == b""
    assert server.refused("/traces/export", q="nope:1")[0] == 400
    assert server.refused("/traces/export", format="xml")[0] == 400


def test_texts_are_whole_again_and_the_meaning_beside_them(tmp_path: Path) -> None:
    answer = "forty-two " * 2_000
    with Running(tmp_path) as server:
        server.export(trace_request(span("ask", 1, attributes=chat("how many", answer, tokens=(10, 5)))))
        [line] = _lines(export(server, "/spans/export"))
        [row] = _parquet(export(server, "/spans/export", format="parquet"), tmp_path)
    assert line["output_messages"][0]["parts"][0]["content"] == answer
    assert (line["kind"], line["input_tokens"], line["output_tokens"]) == ("llm", 10, 5)
    assert line["start_time_unix_nano"] == str(NOON)
    assert row["start_time_unix_nano"] == NOON
    assert orjson.loads(row["output_messages"]) == line["output_messages"]
    assert orjson.loads(row["attributes"]) == line["attributes"]


@pytest.mark.parametrize("path", ["/traces/export", "/spans/export", "/logs/export", "/metrics/export"])
def test_parquet_has_the_rows_of_json_lines(server: Running, path: str, tmp_path: Path) -> None:
    lines, found = _lines(export(server, path)), _parquet(export(server, path, format="parquet"), tmp_path)
    assert len(found) == len(lines) > 0
    time = "start_time_unix_nano" if "spans" in path or "traces" in path else "time_unix_nano"
    assert sorted(str(row[time]) for row in found) == sorted(line[time] for line in lines)


def test_an_empty_list_is_still_a_parquet_file(server: Running, tmp_path: Path) -> None:
    assert _parquet(export(server, "/spans/export", format="parquet", until="1"), tmp_path) == []


def test_lists_longer_than_a_page_come_whole_and_each_row_once(tmp_path: Path) -> None:
    many = 2 * walk.PAGE + 7
    with Running(tmp_path) as server:
        # Half of them begin at the same time: only their ids tell them apart.
        spans = [span("step", n, trace=trace_hex(1 + n % 300), start=NOON + (n % 2) * n) for n in range(1, many + 1)]
        server.export(trace_request(*spans))
        server.export(log_request(*(log(f"line {n}", time=NOON + SECOND * (n // 5)) for n in range(many))))
        for path in ("/spans/export", "/traces/export"):
            found = [(line["trace_id"], line["span_id"]) for line in _lines(export(server, path))]
            assert len(found) == len(set(found)) == many
        assert len({line["body"] for line in _lines(export(server, "/logs/export"))}) == many


def test_one_trace_is_one_document(server: Running) -> None:
    trace = server.traces()[0]
    answer = server.http.get(f"/api/v1/traces/{trace.trace_id}/export", params={"format": "otlp"})
    assert answer.headers["content-disposition"] == f'attachment; filename="trace-{trace.trace_id}.otlp.json"'
    items = orjson.loads(answer.content)["resourceSpans"]
    assert sum(len(scope["spans"]) for item in items for scope in item["scopeSpans"]) == trace.span_count


def test_a_trace_that_is_not_there_is_404(server: Running) -> None:
    status, error = server.refused(f"/traces/{'ab' * 16}/export")
    assert (status, error.code) == (404, "not_found")


def test_a_langsmith_run_goes_out_as_a_span_with_its_raw_attributes(tmp_path: Path) -> None:
    sent = run(1, start_time="2026-11-23T16:00:00Z", end_time="2026-11-23T16:00:01Z", inputs={"question": "how many"})
    with Running(tmp_path / "first") as server:
        answer = server.http.post("/langsmith/runs", json=sent)
        assert answer.status_code == 202, answer.text
        [before] = server.trace(server.traces()[0].trace_id).spans
        content = export(server, "/traces/export", format="otlp")
    with Running(tmp_path / "second") as server:
        assert imported(server, content)["spans"] == 1
        [after] = server.trace(before.trace_id).spans
    assert (after.span_id, after.name, after.kind, after.attributes) == (
        before.span_id,
        before.name,
        before.kind,
        before.attributes,
    )
    assert before.attributes["langsmith.run_id"] == run_id(1)
    assert (before.sources, after.sources) == (["langsmith"], ["otlp"])
