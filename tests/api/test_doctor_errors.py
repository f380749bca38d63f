"""Refused requests: kept with their bytes, looked at, sent again, forgotten."""

import gzip
import json
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import grpc

from llm_tracing.api import schema
from llm_tracing.receive.kept import MAX_PAYLOAD
from tests.builders import TRACE, span, trace_request
from tests.langsmith_requests import run
from tests.running import PROTOBUF, Running

JSON = "application/json"


def errors(server: Running) -> list[schema.KeptError]:
    return server.get("/doctor/errors", schema.KeptErrorList).errors


def replayed(server: Running, error: schema.KeptError) -> schema.Replayed:
    answer = server.http.post(f"/api/v1/doctor/errors/{error.error_id}/replay", headers={"content-type": JSON})
    assert answer.status_code == 200, answer.text
    return schema.Replayed.model_validate_json(answer.content, strict=True)


def body_of(*names: str) -> bytes:
    return trace_request(*(span(name, place) for place, name in enumerate(names, 1))).SerializeToString()


def test_a_refused_request_is_kept_as_it_was_sent(server: Running) -> None:
    body = gzip.compress(b"\xff\xff")
    headers = {"content-type": PROTOBUF, "content-encoding": "gzip", "user-agent": "broken/1.0"}
    assert server.http.post("/v1/traces", content=body, headers=headers).status_code == 400
    [error] = errors(server)
    assert (error.sender, error.reason, error.status, error.path) == ("broken/1.0", "invalid", 400, "/v1/traces")
    assert error.payload_bytes == len(body)
    answer = server.http.get(f"/api/v1/doctor/errors/{error.error_id}/payload")
    assert answer.content == body
    assert answer.headers["content-disposition"].endswith(f'filename="v1-traces-{error.error_id[:8]}.pb.gz"')
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_request_over_a_limit_is_taken_when_the_limit_was_raised(tmp_path: Path) -> None:
    body = body_of(*["a rather long name of a span"] * 20)
    with Running(tmp_path / "data", max_body=200) as server:
        assert server.post("/v1/traces", body).status_code == 413
        [error] = errors(server)
        again = replayed(server, error)
        assert (again.taken, again.status) == (False, 413)
        assert "over the limit of 200 bytes" in again.message
        assert len(errors(server)) == 1, "a replay is no second error"
    with Running(tmp_path / "data") as server:
        [error] = errors(server)
        assert (error.reason, error.payload_bytes) == ("too_large", len(body))
        assert replayed(server, error).taken
        assert server.trace(TRACE).trace.span_count == 20
        assert errors(server) == []


def test_a_body_in_chunks_over_the_limit_is_kept_whole(tmp_path: Path) -> None:
    body = body_of(*["name"] * 40)
    with Running(tmp_path / "data", max_body=200) as server:
        chunks = (body[at : at + 100] for at in range(0, len(body), 100))
        assert server.http.post("/v1/traces", content=chunks, headers={"content-type": PROTOBUF}).status_code == 413
        assert errors(server)[0].payload_bytes == len(body)


def test_a_request_of_which_a_part_was_refused_is_kept_too(server: Running) -> None:
    bad = span("bad", 1)
    bad.span_id = b"short"
    request = trace_request(bad, span("good", 2))
    server.post("/v1/traces", request.SerializeToString())
    server.export_grpc(request)
    over_grpc, over_http = errors(server)
    assert (over_http.reason, over_http.status, over_grpc.sender[:12]) == ("partial", 200, "grpc-python/")
    again = replayed(server, over_grpc)
    assert (again.taken, again.status) == (False, 200)
    assert "1 span refused" in again.message
    assert server.trace(TRACE).trace.span_count == 1, "the part that was taken is not there twice"


def _export_raw(server: Running, body: bytes, agent: str, signal: str = "trace.v1.Trace") -> grpc.StatusCode:
    """The status of a call over gRPC with these bytes as its message."""
    address = server.addresses.grpc.removeprefix("http://")
    with grpc.insecure_channel(address, [("grpc.primary_user_agent", agent)]) as channel:
        export: Any = channel.unary_unary(f"/opentelemetry.proto.collector.{signal}Service/Export")
        try:
            export(body, timeout=10)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
    return grpc.StatusCode.OK


def test_a_message_over_grpc_that_is_no_protobuf_is_counted_for_its_sender_and_kept(server: Running) -> None:
    assert _export_raw(server, b"\xff\xff nothing", "shop-exporter/2") is grpc.StatusCode.INVALID_ARGUMENT
    assert _export_raw(server, b"\xff\xff nothing", "other/1", "logs.v1.Logs") is grpc.StatusCode.INVALID_ARGUMENT
    logs, traces = errors(server)
    assert (traces.reason, traces.path, traces.payload_bytes) == ("invalid", "/v1/traces", 10)
    assert traces.sender.startswith("shop-exporter/2")
    assert (logs.path, logs.sender[:7]) == ("/v1/logs", "other/1")
    assert server.http.get(f"/api/v1/doctor/errors/{traces.error_id}/payload").content == b"\xff\xff nothing"
    again = replayed(server, traces)
    assert (again.taken, again.status) == (False, 400)
    senders = {one.sender: one for one in server.get("/doctor", schema.Doctor).senders}
    assert senders[traces.sender].refused == {"invalid": 1}


def test_a_message_over_grpc_that_is_over_the_limit_is_taken_when_that_was_raised(tmp_path: Path) -> None:
    body = body_of(*["a rather long name of a span"] * 20)
    with Running(tmp_path / "data", max_body=200) as server:
        assert _export_raw(server, body, "shop") is grpc.StatusCode.RESOURCE_EXHAUSTED
        [error] = errors(server)
        assert (error.reason, error.status, error.payload_bytes) == ("too_large", 413, len(body))
    with Running(tmp_path / "data") as server:
        [error] = errors(server)
        assert replayed(server, error).taken
        assert server.trace(TRACE).trace.span_count == 20


def test_a_message_over_grpc_that_is_far_over_the_limit_is_counted_without_its_bytes(tmp_path: Path) -> None:
    with Running(tmp_path / "data", max_body=200) as server:
        assert _export_raw(server, bytes(MAX_PAYLOAD + 1), "shop") is grpc.StatusCode.RESOURCE_EXHAUSTED
        deadline = time.monotonic() + 10
        while not (senders := server.get("/doctor", schema.Doctor).senders) and time.monotonic() < deadline:
            time.sleep(0.02)
        [sender] = senders
        assert sender.sender.startswith("shop")
        assert sender.refused == {"incomplete": 1}
        assert errors(server) == []


def test_runs_that_were_refused_are_kept_and_sent_again(server: Running) -> None:
    body = json.dumps({"post": [{**run(1), "id": "seven"}, run(2)]}).encode()
    assert server.post("/langsmith/runs/batch", body, JSON).status_code == 202
    assert server.post("/langsmith/runs/batch", b'{"post": [', JSON).status_code == 400
    broken, partial = errors(server)
    assert (partial.reason, broken.reason) == ("partial", "invalid")
    assert "the id of a run is a uuid" in partial.message
    assert replayed(server, broken).message.startswith("The body is not JSON")


def test_a_queue_that_is_full_is_not_kept_for_the_sender_comes_again(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as server:
        server.server.stack.ingest.stop()
        assert server.post("/v1/traces", body_of("a")).status_code == 503
        assert errors(server) == []


def test_the_same_error_in_a_row_is_kept_once_and_counted(server: Running) -> None:
    for _ in range(5):
        server.post("/v1/traces", b"\xff\xff")
    [error] = errors(server)
    assert error.more == 4


def test_an_error_can_be_forgotten_alone_or_with_all(server: Running) -> None:
    for agent in ("a", "b", "c"):
        server.post("/v1/traces", b"\xff", user_agent=agent)
    first, *_ = errors(server)
    headers = {"content-type": JSON}
    assert server.http.delete(f"/api/v1/doctor/errors/{first.error_id}", headers=headers).status_code == 204
    assert len(errors(server)) == 2
    assert server.http.delete("/api/v1/doctor/errors", headers=headers).status_code == 204
    assert errors(server) == []
    assert list((server.data / "refused").iterdir()) == []
    assert server.http.delete(f"/api/v1/doctor/errors/{first.error_id}", headers=headers).status_code == 404
    assert server.http.get(f"/api/v1/doctor/errors/{first.error_id}/payload").status_code == 404


def test_a_page_of_somebody_else_may_not_replay_or_forget(server: Running) -> None:
    server.post("/v1/traces", b"\xff")
    [error] = errors(server)
    address = f"/api/v1/doctor/errors/{error.error_id}"
    foreign = {"origin": "https://elsewhere.example", "content-type": JSON}
    assert server.http.post(f"{address}/replay", headers=foreign).status_code == 403
    assert server.http.delete(address, headers=foreign).status_code == 403
    assert server.http.post(f"{address}/replay", content=b"x").status_code == 415
    assert len(errors(server)) == 1


def test_a_payload_that_was_too_large_to_keep_says_so(server: Running) -> None:
    connection = HTTPConnection(server.addresses.http.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/v1/traces")
    connection.putheader("Content-Type", PROTOBUF)
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    [error] = errors(server)
    assert error.payload_bytes is None
    answer = server.http.post(f"/api/v1/doctor/errors/{error.error_id}/replay", headers={"content-type": JSON})
    assert answer.status_code == 409
    assert "not kept" in answer.json()["error"]["message"]
