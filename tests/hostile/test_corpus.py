"""Broken and hostile requests against a real server: a right status, the rest kept, no crash, no growth."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from tests.builders import span, trace_hex, trace_request
from tests.hostile.case import Case
from tests.hostile.langsmith import langsmith_cases
from tests.hostile.otlp import BOMB, otlp_cases
from tests.running import PROTOBUF, stubs
from tests.server.process import Serving, serving

MIB = 1024 * 1024
_PEAK, _GROWTH = 800 * MIB, 100 * MIB
_ANSWER_S = 60


def _memory(server: Serving, name: str) -> int:
    """Bytes of the server's process: VmRSS now, VmHWM at most."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("hostile")) as found:
        yield found


@pytest.fixture(scope="module")
def client(server: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.http, trust_env=False, timeout=_ANSWER_S) as found:
        yield found


def _send(client: httpx.Client, case: Case) -> httpx.Response:
    headers = {"Content-Type": case.content_type, **case.headers}
    return client.post(case.path, content=case.body, headers=headers)


def _wrong(client: httpx.Client, cases: Iterator[Case]) -> list[str]:
    """Each case that was not answered as it must be, or whose ordinary part is not there."""
    wrong = []
    for case in cases:
        answer = _send(client, case)
        if answer.status_code not in case.statuses:
            wrong.append(f"{case.name}: {answer.status_code} {answer.content[:200]!r}")
        for trace in case.keeps:
            found = client.get(f"/api/v1/traces/{trace}")
            if found.status_code != 200:
                wrong.append(f"{case.name}: the ordinary part is not there: {found.status_code} {found.text[:200]}")
    return wrong


CASES = {"otlp": otlp_cases, "langsmith": langsmith_cases}


@pytest.mark.parametrize("protocol", CASES)
def test_every_request_is_answered_rightly(server: Serving, client: httpx.Client, protocol: str) -> None:
    assert _wrong(client, CASES[protocol]()) == []
    assert _memory(server, "VmHWM") < _PEAK
    body = trace_request(span("after it all", 1, trace=trace_hex(10**12))).SerializeToString()
    assert client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF}).status_code == 200
    assert client.get(f"/api/v1/traces/{trace_hex(10**12)}").status_code == 200


@pytest.mark.long
def test_the_same_again_and_again_makes_nothing_grow(server: Serving, client: httpx.Client) -> None:
    sizes = []
    for _ in range(4):
        for cases in CASES.values():
            assert _wrong(client, cases()) == []
        sizes.append(_memory(server, "VmRSS"))
    assert sizes[-1] - sizes[0] < _GROWTH, sizes


def test_whatever_is_stored_is_shown(client: httpx.Client, server: Serving) -> None:
    """Every page of the list and every trace on it opens, whatever is in it."""
    cursor = None
    opened = 0
    for _ in range(100):
        page = client.get("/api/v1/traces", params={"limit": 200, **({"cursor": cursor} if cursor else {})})
        assert page.status_code == 200, page.text
        for trace in page.json()["traces"]:
            found = client.get(f"/api/v1/traces/{trace['trace_id']}")
            assert found.status_code == 200, (trace["name"], found.text[:300])
            opened += 1
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    for path in ("/logs", "/metrics", "/doctor", "/stats?over=calls"):
        assert client.get(f"/api/v1{path}").status_code in (200, 422), path
    assert cursor is None


def _raw_export(server: Serving, body: bytes, **options: Any) -> Any:
    with grpc.insecure_channel(server.grpc, options=[("grpc.max_send_message_length", -1)]) as channel:
        call: Any = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        try:
            call(body, timeout=_ANSWER_S, **options)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def test_broken_and_hostile_calls_of_grpc_are_refused(server: Serving) -> None:
    before = _memory(server, "VmRSS")
    broken = {grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT}
    for body in (b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x07", gzip.compress(b"x")):
        assert _raw_export(server, body) in broken
    assert _raw_export(server, bytes(65 * MIB)) == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (
        _raw_export(server, bytes(BOMB // 2), compression=grpc.Compression.Gzip) == grpc.StatusCode.RESOURCE_EXHAUSTED
    )
    with grpc.insecure_channel(server.grpc) as channel:
        stubs(channel)["traces"].Export(trace_request(span("after", 1, trace=trace_hex(10**12 + 1))), timeout=_ANSWER_S)
    assert _memory(server, "VmRSS") - before < 300 * MIB
