"""Files as people have them: compressed, one document, with bad lines, sent twice."""

import gzip
import json
from pathlib import Path

import orjson
import pytest
import zstandard
from google.protobuf import json_format

from llm_tracing.exchange.incoming import BrokenFile, Line, Lines
from llm_tracing.receive.decode import decode
from tests.builders import batch_of, chat, log, log_request, span, trace_hex, trace_request
from tests.exchange.test_round_trip import export, imported
from tests.running import Running


def _otlp(number: int) -> bytes:
    """A line with one span, as OTLP JSON has it: ids in hex."""
    trace = trace_hex(number)
    return orjson.dumps(
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "files"}}]},
                    "scopeSpans": [
                        {
                            "spans": [
                                {
                                    "traceId": trace,
                                    "spanId": f"{number:016x}",
                                    "name": f"step {number}",
                                    "startTimeUnixNano": "1795435200000000000",
                                    "endTimeUnixNano": "1795435200001000000",
                                }
                            ]
                        }
                    ],
                }
            ]
        }
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_json_lines_are_taken_however_they_are_packed(pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    with Running(tmp_path) as server:
        report = imported(server, pack(b"\n".join(_otlp(number) for number in range(1, 4)) + b"\n"))
        assert (report["lines"], report["spans"], report["errors"]) == (3, 3, [])
        assert {trace.name for trace in server.traces()} == {"step 1", "step 2", "step 3"}


def test_one_document_over_many_lines_is_one_request(tmp_path: Path) -> None:
    document = json.dumps(orjson.loads(_otlp(7)), indent=2).encode()
    with Running(tmp_path) as server:
        assert imported(server, document)["spans"] == 1
        assert [trace.trace_id for trace in server.traces()] == [trace_hex(7)]


def test_bad_lines_are_told_by_number_and_the_rest_is_kept(tmp_path: Path) -> None:
    no_id = _otlp(9).replace(f"{9:016x}".encode(), b"00ff")
    lines = [_otlp(1), b"{broken", b"", b'{"hello": 1}', b"[1]", _otlp(2), no_id]
    with Running(tmp_path) as server:
        report = imported(server, b"\n".join(lines))
        told = {error["line"]: error["message"] for error in report["errors"]}
        assert report["spans"] == 2
        assert report["rejected"] == 1
        assert len(server.traces()) == 2
    assert "not JSON" in told[2]
    assert "neither OTLP JSON" in told[4]
    assert "not an object" in told[5]
    assert any("trace_id must be 16 bytes" in message for message in told.values())


def test_a_first_line_that_is_broken_takes_no_other_with_it(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        report = imported(server, b"\n".join([b'{"resourceSpans": [', _otlp(1), _otlp(2)]))
        assert (report["spans"], [error["line"] for error in report["errors"]]) == (2, [1])


def test_the_same_file_twice_gives_each_span_once(tmp_path: Path) -> None:
    sent = [trace_request(span("ask", 1, attributes=chat("how many", "42")), span("step", 2, 1))]
    with Running(tmp_path) as server:
        server.export(*sent)
        for form in ("otlp", "jsonl"):
            content = export(server, "/traces/export", format=form)
            assert imported(server, content)["spans"] == 2
            assert imported(server, content)["spans"] == 2
        [trace] = server.traces()
        assert (trace.span_count, trace.llm_call_count) == (2, 1)


def test_a_line_over_the_limit_is_told_and_the_next_one_taken(tmp_path: Path) -> None:
    long = b'{"resourceSpans": [], "x": "' + b"y" * 40_000 + b'"}'
    with Running(tmp_path, max_body=20_000) as server:
        report = imported(server, b"\n".join([_otlp(1), long, _otlp(2)]))
    assert (report["spans"], [error["line"] for error in report["errors"]]) == (2, [2])
    assert "LLM_TRACING_MAX_BODY" in report["errors"][0]["message"]


def test_a_file_that_ends_early_keeps_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join(_otlp(number) for number in range(1, 50)))
    with Running(tmp_path) as server:
        report = imported(server, whole[:-12])
        assert report["errors"][-1]["message"].endswith("the gzip stream ends early")
        assert report["spans"] >= 40


def test_spans_logs_and_points_may_be_mixed(tmp_path: Path) -> None:
    logs = json_format.MessageToDict(log_request(log("hello", trace="", span_id=None)))
    with Running(tmp_path) as server:
        report = imported(server, _otlp(1) + b"\n" + orjson.dumps(logs))
        assert (report["spans"], report["log_records"]) == (1, 1)
        assert [record.body for record in server.logs()] == ["hello"]


def test_lines_come_whole_from_parts_of_any_size() -> None:
    text = b'{"a": 1}\n\n{"b": 2}\r\n{"c": 3}'
    for size in (1, 2, 7, 100):
        lines = Lines(1_000)
        found = [line for at in range(0, len(text), size) for line in lines.feed(text[at : at + size])]
        found += lines.end()
        assert found == [Line(1, b'{"a": 1}'), Line(3, b'{"b": 2}\r'), Line(4, b'{"c": 3}')]


def test_a_bomb_is_never_held() -> None:
    lines = Lines(100_000)
    found = list(lines.feed(gzip.compress(b"x" * 5_000_000)))
    found += lines.end()
    assert found == [Line(1, None)]


def test_what_is_no_gzip_after_its_first_bytes_is_told() -> None:
    with pytest.raises(BrokenFile, match="not valid gzip"):
        list(Lines(100).feed(b"\x1f\x8bnot gzip at all"))


def test_our_otlp_json_is_what_the_receiver_decodes(tmp_path: Path) -> None:
    sent = trace_request(span("ask", 1, attributes=chat("how many", "42" * 5_000)))
    with Running(tmp_path) as server:
        server.export(sent)
        document = export(server, f"/traces/{server.traces()[0].trace_id}/export", format="otlp")
    message = decode("traces", document, "application/json")
    assert batch_of(message).spans == batch_of(sent).spans
