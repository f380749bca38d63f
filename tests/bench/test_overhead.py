"""The benchmark of what observing costs still runs, and counts what it says it counts."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from bench.overhead import words
from bench.overhead.endpoint import Request, _cut
from bench.overhead.places import Sink
from bench.overhead.tables import Measured, show_memory
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = Path(__file__).parents[2]


def _row(printed: str, table: str, name: str) -> list[str]:
    """The cells of a client in the table whose title begins so."""
    [rest] = printed.split(f"\n{table}")[1:]
    [line] = [line for line in rest.split("\n\n")[1].splitlines() if line.startswith(f"| `{name}`")]
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_it_measures_a_client_against_the_bare_service() -> None:
    options = ["--clients", "otel", "--loads", "call", "--rounds", "1", "--times", "20"]
    ended = subprocess.run(
        [sys.executable, "-m", "bench.overhead", *options], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    bare, otel = (_row(ended.stdout, "CPU of one call", name) for name in ("bare", "otel"))
    assert float(bare[0].replace(",", "")) > 100
    assert bare[-2:] == ["1.00", ""]
    assert otel[-1] == "1.00"
    requests, spans, log_records, plain, wire, prompts, answers = _row(ended.stdout, "What one call sends", "otel")
    assert float(requests) > 0
    assert (spans, log_records, prompts, answers) == ("2.00", "1.00", "1.0", "1.0")
    assert plain == wire
    assert _row(ended.stdout, "What one call sends", "bare") == ["0.00", "0.00", "0.00", "0", "0", "0.0", "0.0"]


def test_memory_is_told_from_the_warm_up_to_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    show_memory({"otel": Measured(0, {}, 0, [100, 130, 104, 105, 104.5])}, 1_000, 10_000)
    row = _row(capsys.readouterr().out, "Memory over 10,000 calls", "otel")
    assert row == ["100.0", "104.0", "104.5", "+4.5", "130.0"]


def _post(path: str, body: bytes, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", path, named, body)


def _taken(sink: Sink) -> dict[str, int]:
    found: dict[str, int] = json.loads(sink.answer(Request("GET", "/taken", {}, b"")).body)
    return found


@pytest.mark.parametrize("path", ["/v1/traces", "/api/public/otel/v1/traces"])
def test_spans_are_counted_under_every_address_and_bytes_before_and_after_compression(path: str) -> None:
    sent = ExportTraceServiceRequest()
    spans = sent.resource_spans.add().scope_spans.add().spans
    for _ in range(3):
        spans.add(name=words.PROMPT_MARK.decode())
    body = sent.SerializeToString()
    packed, sink = gzip.compress(body), Sink()
    answer = sink.answer(_post(path, packed, content_type="application/x-protobuf", content_encoding="gzip"))
    assert (answer.status, answer.body) == (200, b"")
    taken = _taken(sink)
    assert (taken["spans"], taken["prompts"], taken["requests"]) == (3, 3, 1)
    assert (taken["wire_bytes"], taken["plain_bytes"]) == (len(packed), len(body))
    assert _taken(sink) == {}


def test_runs_are_counted_once_each_however_many_parts_they_have() -> None:
    run = "post.01234567-89ab-cdef-0123-456789abcdef"
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{run}{part}"\r\n' for part in ("", ".inputs")
    ).encode()
    sink = Sink()
    answer = sink.answer(_post("/runs/multipart", zstandard.compress(body), content_encoding="zstd"))
    assert answer.status == 202
    assert _taken(sink)["runs"] == 1


def test_a_request_that_comes_in_pieces_is_cut_when_it_is_whole() -> None:
    sent = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    assert all(_cut(bytearray(sent[:size])) is None for size in range(len(sent)))
    found = _cut(bytearray(sent + b"GET / HTTP/1.1\r\n"))
    assert found is not None
    assert (found[0].body, found[1]) == (b"abcde", len(sent))


def test_texts_have_the_size_they_are_said_to_have_and_end_with_their_mark() -> None:
    for system, user in words.prompts():
        assert len(system) + len(user) == words.PROMPT_CHARS
        assert user.encode().endswith(words.PROMPT_MARK)
    assert {len(answer) for answer in words.answers()} == {words.ANSWER_CHARS}
