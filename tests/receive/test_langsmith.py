"""LangSmith's protocol over HTTP: every route, every way of packing, and what cannot be read."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard
from starlette.applications import Starlette
from starlette.testclient import TestClient

from llm_tracing.errors import LlmTracingError, ReceiveError, StoreError
from llm_tracing.receive.in_flight import InFlight
from llm_tracing.receive.langsmith import PREFIXES, run_routes
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import Accepted, Received, ReceivedSignal
from tests.langsmith_requests import MULTIPART, multipart, part, run, run_id, split_off
from tests.running import Running

Json = Any
JSON = "application/json"
FULL = {"inputs": {"question": "why?"}, "outputs": {"output": "because"}, "end_time": "2026-11-23T16:00:09+00:00"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that nothing of these tests is stored in."""
    with Running(tmp_path_factory.mktemp("strict"), max_body=200_000) as server:
        yield server
        assert server.traces() == []


def _frames(body: bytes) -> bytes:
    """Several frames of zstd, as a stream that is flushed now and then; none says how much it holds."""
    packer = zstandard.ZstdCompressor(write_content_size=False)
    half = len(body) // 2
    return packer.compress(body[:half]) + packer.compress(body[half:])


PACKERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.compress, "zstd": _frames}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_info_says_how_to_send(strict: Running, prefix: str) -> None:
    answer = strict.http.get(f"{prefix}/info")
    assert answer.status_code == 200
    told = answer.json()
    assert told["instance_flags"] == {"zstd_compression_enabled": True}
    assert told["batch_ingest_config"]["use_multipart_endpoint"] is True
    assert told["batch_ingest_config"]["size_limit_bytes"] == 200_000


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("encoding", PACKERS)
def test_runs_come_in_parts_under_any_encoding(server: Running, prefix: str, encoding: str) -> None:
    body = multipart(*split_off("post", run(1, **FULL)), *split_off("post", run(1, 2, run_type="tool", **FULL)))
    headers = {"content_encoding": encoding} if encoding else {}
    answer = server.post(f"{prefix}/runs/multipart", PACKERS[encoding](body), MULTIPART, **headers)
    assert (answer.status_code, answer.json()) == (202, {})
    [trace] = server.traces()
    assert (trace.trace_id, trace.span_count, trace.service) == (run_id(1).replace("-", ""), 2, "shop")
    assert (trace.status, trace.input, trace.output, trace.sources) == ("ok", "why?", "because", ["langsmith"])


@pytest.mark.parametrize("prefix", PREFIXES)
def test_runs_come_as_a_batch(server: Running, prefix: str) -> None:
    batch = {"post": [run(1), run(1, 2)], "patch": [{"id": run_id(1), "trace_id": run_id(1), **FULL}]}
    answer = server.post(f"{prefix}/runs/batch", json.dumps(batch).encode(), JSON)
    assert (answer.status_code, answer.json()) == (202, {})
    spans = server.trace(run_id(1).replace("-", "")).spans
    assert [(span.name, span.depth, span.status) for span in spans] == [("run 1", 0, "ok"), ("run 2", 1, "running")]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_runs_come_one_by_one(server: Running, prefix: str) -> None:
    assert server.post(f"{prefix}/runs", json.dumps(run(1, inputs={"a": 1})).encode(), JSON).status_code == 202
    [before] = server.trace(run_id(1).replace("-", "")).spans
    answer = server.http.patch(f"{prefix}/runs/{run_id(1)}", json={**FULL, "inputs": {}, "trace_id": run_id(1)})
    assert (answer.status_code, answer.json()) == (202, {})
    [after] = server.trace(run_id(1).replace("-", "")).spans
    assert (before.status, before.duration_ns, before.output) == ("running", None, None)
    assert (after.status, after.input, after.output, after.name) == ("ok", {"a": 1}, "because", "run 1")


def test_the_parts_of_a_body_may_stand_in_any_order(server: Running) -> None:
    pieces = [
        *split_off("post", run(1, inputs={"q": 1}, extra={"metadata": {"user_id": "u1"}})),
        *split_off("patch", run(1, end_time=1795449756587, outputs={"output": "done"})),
        part(f"attachment.{run_id(1)}.picture", b"\x89PNG\r\n--b0", "Content-Type: image/png; length=9"),
    ]
    random.Random(4).shuffle(pieces)
    assert server.post("/langsmith/runs/multipart", multipart(*pieces), MULTIPART).json() == {}
    [span] = server.trace(run_id(1).replace("-", "")).spans
    assert (span.input, span.output, span.user_id, span.status) == ({"q": 1}, "done", "u1", "ok")
    assert span.attributes["langsmith.attachments.picture"] == "data:image/png; length=9;base64,iVBORw0KLS1iMA=="


def test_a_field_of_twenty_megabytes_is_taken_whole(server: Running) -> None:
    text = "long " * 4_000_000
    body = multipart(*split_off("post", run(1, inputs={"text": text}, end_time="2026-11-23T16:00:09Z")))
    assert server.post("/langsmith/runs/multipart", body, MULTIPART).status_code == 202
    answer = server.http.get(f"/api/v1/traces/{run_id(1).replace('-', '')}")
    assert answer.json()["spans"][0]["input"] == {"text": text}


def test_what_is_good_in_a_request_is_kept_and_the_rest_is_named(server: Running) -> None:
    body = multipart(
        *split_off("post", run(1)),
        part(f"post.{run_id(2)}", b'{"id": broken'),
        part(f"post.{run_id(1)}.outputs", b"{broken"),
        part("post.not-a-uuid", {"name": "x"}),
        part(f"delete.{run_id(3)}", {}),
        part(f"feedback.{run_id(4)}", []),
        part("attachment.x", b""),
        part(f"post.{run_id(5)}", [1]),
    )
    answer = server.post("/langsmith/runs/multipart", body, MULTIPART)
    assert answer.status_code == 202
    assert [refused["id"] for refused in answer.json()["refused"]] == [
        f"post.{run_id(2)}", f"post.{run_id(1)}.outputs", "post.not-a-uuid", f"delete.{run_id(3)}",
        f"feedback.{run_id(4)}", f"post.{run_id(5)}", "attachment.x",
    ]  # fmt: skip
    assert [trace.name for trace in server.traces()] == ["run 1"]
    assert 'llm_tracing_receiver_refused_total{reason="invalid"} 7' in server.http.get("/metrics").text


def test_a_bad_run_in_a_batch_does_not_take_the_others_with_it(server: Running) -> None:
    batch = {"post": [run(1), {"id": "7"}, {"name": "no id"}, 3, None, run(2, inputs="DEEP")]}
    body = json.dumps(batch).replace('"DEEP"', "[" * 1_020 + "]" * 1_020)
    answer = server.post("/langsmith/runs/batch", body.encode(), JSON)
    assert answer.status_code == 202
    assert [refused["id"] for refused in answer.json()["refused"]] == ["7", "None", "post", "post", run_id(2)]
    assert [trace.name for trace in server.traces()] == ["run 1"]


def test_what_python_writes_for_json_is_read(server: Running) -> None:
    body = json.dumps(run(1, inputs="NAN")).replace('"NAN"', '{"a": NaN, "b": "\\ud800", "c": [1e999, -7, 0.5]}')
    assert server.post("/langsmith/runs", body.encode(), JSON).status_code == 202
    [span] = server.trace(run_id(1).replace("-", "")).spans
    assert span.input == {"a": "NaN", "b": "?", "c": ["1e999", -7, 0.5]}


@pytest.mark.parametrize(
    "fields",
    [
        {"trace_id": 7, "dotted_order": ["x"], "parent_run_id": {}, "name": 5, "run_type": ["llm"]},
        {"start_time": "yesterday", "end_time": -1, "events": {"a": 1}, "tags": "one", "extra": "text"},
        {"start_time": 1e300, "end_time": True, "events": [{"name": 1, "time": []}, {}], "tags": [1, None]},
        {"extra": {"metadata": [1], "runtime": "x"}, "error": {"code": 1}, "session_name": 12, "inputs": "text"},
        {"extra": {"metadata": {"usage_metadata": "{'input_tokens': -1}", "user_id": [1], "": 0}}, "outputs": [1, 2]},
        {"run_type": "llm", "inputs": {"messages": [[[[1]]], None]}, "outputs": {"generations": [[], {}]}},
        {"run_type": "llm", "inputs": {"messages": {"a": 1}}, "outputs": {"choices": [None, {"message": 3}, 4]}},
        {"run_type": "llm", "outputs": {"generations": [[{"message": {"lc": 1, "id": [], "kwargs": []}}]]}},
        {"run_type": "tool", "inputs": [1], "outputs": {"output": {"type": "tool", "content": None}}},
        {"run_type": "retriever", "outputs": {"documents": [None, {"kwargs": 1}, "text"]}},
        {"run_type": "prompt", "name": "", "dotted_order": "x.y", "trace_id": "00000000-0000-0000-0000-000000000000"},
        {"parent_run_id": run_id(9), "trace_id": None, "dotted_order": None, "session_name": None},
    ],
)
def test_odd_values_are_kept_as_they_are(server: Running, fields: dict[str, Json]) -> None:
    sent = {**run(9, 1), **fields}
    assert server.post("/langsmith/runs/batch", json.dumps({"post": [sent]}).encode(), JSON).json() == {}
    [trace] = server.traces()
    [span] = server.trace(trace.trace_id).spans
    assert span.attributes["langsmith.run_id"] == run_id(1)


def test_a_patch_for_a_run_that_nobody_posted_is_a_span(server: Running) -> None:
    answer = server.http.patch(f"/langsmith/runs/{run_id(7)}", json={"end_time": "2026-11-23T16:00:09Z", "error": "no"})
    assert answer.status_code == 202
    [span] = server.trace(run_id(7).replace("-", "")).spans
    assert (span.status, span.duration_ns) == ("error", "0")
    assert server.post("/langsmith/runs", json.dumps(run(7)).encode(), JSON).status_code == 202
    [span] = server.trace(run_id(7).replace("-", "")).spans
    assert (span.status, span.name, span.duration_ns) == ("error", "run 7", "8999999000")


def test_feedback_rides_along(server: Running) -> None:
    feedback = {"run_id": run_id(1), "trace_id": run_id(1), "key": "taste", "score": 0.5}
    body = multipart(part(f"feedback.{run_id(3)}", feedback))
    answer = server.post("/langsmith/runs/multipart", body, MULTIPART)
    assert (answer.status_code, answer.json()) == (202, {})


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status"),
    [
        ("/runs/multipart", MULTIPART, b"", 422),
        ("/runs/multipart", MULTIPART, b"nothing of the kind", 400),
        ("/runs/multipart", MULTIPART, multipart(part("post.x", {}))[:-6], 400),
        ("/runs/multipart", MULTIPART, multipart(part("post.x", {}), boundary="other"), 400),
        ("/runs/multipart", MULTIPART, multipart(b"no header at all"), 400),
        ("/runs/multipart", MULTIPART, multipart(b"Content-Type: text/plain\r\n\r\nno name"), 400),
        ("/runs/multipart", "multipart/form-data", multipart(part("post.x", {})), 400),
        ("/runs/multipart", MULTIPART, multipart(part("post.x", {})), 422),
        ("/runs/multipart", JSON, b"{}", 415),
        ("/runs/multipart", "", b"{}", 415),
        ("/runs/batch", MULTIPART, b"{}", 415),
        ("/runs/batch", JSON, b"", 422),
        ("/runs/batch", JSON, b"{", 400),
        ("/runs/batch", JSON, b"\xff\xfe{", 400),
        ("/runs/batch", JSON, b"[" * 100_000, 400),
        ("/runs/batch", JSON, b"[]", 422),
        ("/runs/batch", JSON, b'{"post": 1}', 422),
        ("/runs/batch", JSON, b'{"post": [{"id": "7"}]}', 422),
        ("/runs", JSON, b"null", 422),
        ("/runs", JSON, b"{}", 422),
        ("/runs/batch", JSON, b" " * 300_000, 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_for_good(
    strict: Running, path: str, content_type: str, body: bytes, status: int
) -> None:
    _is_refused(strict.post(f"/langsmith{path}", body, content_type), status)


def _is_refused(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["detail"].startswith(told["error"]["message"])
    assert told["error"]["code"]
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("zstd", b"", 422),  # what 0.4.4 sends when it tries again
        ("zstd", b"no zstd", 400),
        ("zstd", zstandard.compress(multipart(part("post.x", {})))[:-9], 400),
        ("zstd", zstandard.compress(b"\0" * 10_000_000), 413),
        ("gzip", b"no gzip", 400),
        ("br", b"x", 415),
    ],
)
def test_a_broken_or_boundless_compression_is_refused(strict: Running, encoding: str, body: bytes, status: int) -> None:
    answer = strict.post("/langsmith/runs/multipart", body, MULTIPART, content_encoding=encoding)
    _is_refused(answer, status)


def test_a_run_is_patched_by_its_uuid(strict: Running) -> None:
    _is_refused(strict.http.patch("/langsmith/runs/seven", json={"outputs": {}}), 422)


def test_a_batch_of_nothing_is_nothing(strict: Running) -> None:
    assert strict.post("/langsmith/runs/batch", b'{"post": [], "patch": null}', JSON).json() == {}


class Failing:
    """A sink that takes nothing."""

    def __init__(self, error: LlmTracingError, *, at_once: bool) -> None:
        self.senders = Senders()
        self._error, self._at_once = error, at_once

    def submit(self, signal: ReceivedSignal, request: Received, size: int, way: str = "") -> "Future[Accepted]":
        if self._at_once:
            raise self._error
        failed: Future[Accepted] = Future()
        failed.set_exception(self._error)
        return failed


@pytest.mark.parametrize(
    ("sink", "status", "retry"),
    [
        (Failing(ReceiveError(503, 14, "The queue is full.", retry_after_s=1), at_once=True), 429, "1"),
        (Failing(StoreError("The disk is full."), at_once=False), 429, "1"),
        (Failing(ReceiveError(500, 13, "It could not be stored."), at_once=False), 422, None),
    ],
)
def test_what_may_come_again_says_when(sink: Failing, status: int, retry: str | None) -> None:
    client = TestClient(Starlette(routes=run_routes(sink, 1_000_000, InFlight(1_000_000))))
    answer = client.post("/langsmith/runs", json=run(1))
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry)


def test_the_same_upload_twice_is_one(server: Running) -> None:
    body = multipart(*split_off("post", run(1, **FULL)), part(f"post.{run_id(1)}.events", []))
    assert [server.post("/langsmith/runs/multipart", body, MULTIPART).status_code for _ in range(3)] == [202] * 3
    [trace] = server.traces()
    assert trace.span_count == 1


def test_what_was_taken_is_there_after_a_restart(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as server:
        server.post("/langsmith/runs", json.dumps(run(1, **FULL)).encode(), JSON)
    with Running(tmp_path / "data") as server:
        assert [trace.name for trace in server.traces()] == ["run 1"]
