"""Erased is gone: from every answer, and from the bytes of the data folder; the rest stays."""

import time
from pathlib import Path

import httpx
import pytest

from llm_tracing import keeping
from llm_tracing.api import schema_access, schema_data
from tests.builders import NOON, chat, log, log_request, span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART, multipart, run, split_off
from tests.running import Running
from tests.server.process import run as command

SECRET = "my-secret-needle-31415 is what I asked for, at some length, so that it goes to the payloads of its own"


def _fill(server: Running) -> None:
    """Two sessions of a user with the secret in prompt, log record, events and preview, and somebody else's."""
    for number, session, user, text in ((1, "s1", "u1", SECRET), (2, "s2", "u1", SECRET), (3, "s3", "u2", "harmless")):
        attributes = {**chat(text * 3, text, tokens=(1, 1)), "session.id": session, "user.id": user}
        root = span("root", 1, trace=trace_hex(number), attributes={"note": text}, events=[("e", {"x": text})])
        server.export(trace_request(root, span("chat", 2, 1, trace=trace_hex(number), attributes=attributes)))
        server.export(log_request(log(text, trace=trace_hex(number))))
    record = log(SECRET)
    record.attributes.add(key="user.id").value.string_value = "u1"
    server.export(log_request(record))
    refused = trace_request(span("refused", 1, attributes={"x": SECRET}))
    refused.resource_spans[0].scope_spans[0].spans[0].span_id = b"\1"
    server.post("/v1/traces", refused.SerializeToString())


def _in_files(folder: Path) -> list[str]:
    """The files that hold the secret; DuckDB compresses texts, so that it is looked for in pieces too."""
    pieces = (b"secret-needle", b"needle-31415", b"31415")
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(piece in path.read_bytes() for piece in pieces)
    ]


def _delete(server: Running, path: str) -> httpx.Response:
    return server.http.delete(f"/api/v1{path}")


def test_a_user_is_erased_from_answers_and_files(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        _fill(server)
        assert _in_files(tmp_path) != []
        answer = _delete(server, "/users/u1")
        erased = schema_data.Erased.model_validate_json(answer.content)
        assert (answer.status_code, erased.traces, erased.spans, erased.logs) == (200, 2, 4, 3)
        assert [trace.trace_id for trace in server.traces()] == [trace_hex(3)]
        assert server.trace(trace_hex(3)).spans[1].output == "harmless"
        assert server.http.get(f"/api/v1/traces/{trace_hex(1)}").status_code == 404
        assert [row.body for row in server.logs()] == ["harmless"]
        assert _in_files(tmp_path) == []
        [act] = server.get("/audit", schema_access.AuditLog).acts
        assert (act.act, len(act.subject), "u1" in act.subject) == ("erase user", 32, False)
        server.export(trace_request(span("after", 1, trace=trace_hex(9))))
        assert _delete(server, "/users/u1").status_code == 404
    assert _in_files(tmp_path) == []
    with Running(tmp_path) as again:
        assert {trace.trace_id for trace in again.traces()} == {trace_hex(3), trace_hex(9)}


@pytest.mark.parametrize("running", [True, False])
def test_the_command_erases_a_session_and_a_trace(tmp_path: Path, running: bool) -> None:
    server = Running(tmp_path)
    _fill(server)
    where = ["--data", str(tmp_path), "--port", server.addresses.http.rpartition(":")[2]]
    if not running:
        server.stop()
    done = command("erase", "--session", "s1", *where)
    assert (done.returncode, "1 traces, 2 spans, 1 logs" in done.stdout) == (0, True), done.stderr
    assert command("erase", "--trace", trace_hex(2), *where).returncode == 0
    nothing = command("erase", "--session", "s1", *where)
    assert (nothing.returncode, "Nothing is stored" in nothing.stderr) == (1, True)
    assert command("erase", *where).returncode == 1
    assert command("erase", "--trace", "../..", *where).returncode == 1
    if running:
        server.stop()
    with Running(tmp_path) as after:
        assert [trace.trace_id for trace in after.traces()] == [trace_hex(3)]


def test_a_run_that_came_over_both_protocols_goes_whole(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        parent = f"00-{trace_hex(7)}-{'0' * 15}1-01"
        server.export(trace_request(span("request", 1, trace=trace_hex(7))))
        sent = run(
            1, inputs={"q": SECRET}, extra={"metadata": {"traceparent": parent}}, start_time="2026-11-23T12:00:00Z"
        )
        assert (
            server.post("/langsmith/runs/multipart", multipart(*split_off("post", sent)), MULTIPART).status_code == 202
        )
        [whole] = server.traces()
        assert (whole.trace_id, whole.span_count) == (trace_hex(7), 2)
        assert _delete(server, f"/traces/{trace_hex(7)}").json()["spans"] == 2
        assert server.traces() == []
        assert _in_files(tmp_path) == []


def test_age_is_kept_while_the_server_runs_and_pins_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping.Keeper.__init__, "__defaults__", (0.05,))
    with Running(tmp_path) as server:
        for number in (1, 2):
            server.export(trace_request(span("old", 1, trace=trace_hex(number), start=NOON - 10**17)))
        assert server.http.put(
            f"/api/v1/traces/{trace_hex(2)}/pin", headers={"Content-Type": "application/json"}
        ).is_success
        assert (
            server.http.put(
                f"/api/v1/traces/{trace_hex(5)}/pin", headers={"Content-Type": "application/json"}
            ).status_code
            == 404
        )
        assert [pin.trace_id for pin in server.get("/pins", schema_data.Pins).pins] == [trace_hex(2)]
    with Running(tmp_path, keep_days=1) as server:
        server.export(trace_request(span("new", 1, trace=trace_hex(3), start=time.time_ns())))
        until = time.monotonic() + 30
        while len(server.traces()) > 2:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert {trace.trace_id for trace in server.traces()} == {trace_hex(2), trace_hex(3)}
        assert _delete(server, f"/traces/{trace_hex(2)}/pin").status_code == 204
        while len(server.traces()) > 1:
            assert time.monotonic() < until
            time.sleep(0.02)
