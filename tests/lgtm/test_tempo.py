"""What Tempo answered, read as it was recorded."""

from collections.abc import Iterator

import pytest

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Backend, Patience, Target
from llm_tracing.lgtm.tempo import Tempo
from tests.lgtm.replaying import Replay, answer_of, as_protobuf, recording, replaying

TRACE = "4e7796c817894e03f04b6993e7d0f300"
V2 = "/api/v2/traces/"


@pytest.fixture
def replay() -> Iterator[Replay]:
    with replaying(Replay()) as running:
        yield running


@pytest.fixture
def tempo(replay: Replay) -> Tempo:
    return Tempo(Backend(Target("Tempo", replay.url, "LLM_TRACING_TEMPO_URL")))


def search(replay: Replay, tempo: Tempo, name: str) -> list[tuple[str, int | None]]:
    replay.answers["/api/search"] = answer_of(recording(name))
    return [(one.trace_id.hex(), one.span_count) for one in tempo.search("{}", 1, 2, 20, Patience(5))]


def test_a_trace_comes_as_protobuf(replay: Replay, tempo: Tempo) -> None:
    replay.add("tempo-3.0.3/006-trace-v2-protobuf")
    fetched = tempo.trace(bytes.fromhex(TRACE), Patience(5))
    assert fetched is not None
    spans = [s for r in fetched.data.resource_spans for scope in r.scope_spans for s in scope.spans]
    assert len(spans) == 40
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert fetched.partial == ""
    assert replay.asked[0].headers["Accept"] == "application/protobuf"


def test_an_unknown_trace_is_none(replay: Replay, tempo: Tempo) -> None:
    replay.answers[V2 + TRACE] = (200, "application/protobuf", b"")
    assert tempo.trace(bytes.fromhex(TRACE), Patience(5)) is None


def test_a_trace_that_is_gone_is_none_and_a_wrong_address_is_not(replay: Replay, tempo: Tempo) -> None:
    replay.trouble = (404, "text/plain", b"trace not found")
    assert tempo.trace(bytes.fromhex(TRACE), Patience(5)) is None
    replay.trouble = (404, "text/plain", b"404 page not found")
    with pytest.raises(BackendError, match="404 page not found"):
        tempo.trace(bytes.fromhex(TRACE), Patience(5))


def test_a_partial_trace_says_so(replay: Replay, tempo: Tempo) -> None:
    sent = recording("tempo-3.0.3/008-trace-v2-error-trace")
    replay.answers[V2 + TRACE] = as_protobuf(sent, status=1, message="Trace exceeds maximum size of 5000000 bytes")
    fetched = tempo.trace(bytes.fromhex(TRACE), Patience(5))
    assert fetched is not None
    assert fetched.partial == "Trace exceeds maximum size of 5000000 bytes"


@pytest.mark.parametrize(
    "answer",
    [
        (200, "application/json", b'{"trace": {}, "metrics": {}}'),
        (200, "application/protobuf", b"\xff\xff\xff"),
        (200, "text/html", b"<html>"),
    ],
)
def test_what_is_no_protobuf_is_an_error_and_not_an_empty_trace(
    replay: Replay, tempo: Tempo, answer: tuple[int, str, bytes]
) -> None:
    replay.trouble = answer
    with pytest.raises(BackendError):
        tempo.trace(bytes.fromhex(TRACE), Patience(5))


def test_a_search_names_traces_newest_first_with_whole_ids(replay: Replay, tempo: Tempo) -> None:
    found = search(replay, tempo, "tempo-3.0.3/111-search-all-30-roots")
    assert len(found) == 30
    assert found[0] == ("a15a079e7189d29b80bb485d2b434f89", 40)
    assert found[1][0] == "09085895f35accc97a7425bd918a1cfd"  # a leading zero was left out
    [padded] = search(replay, tempo, "tempo-3.0.3-ingest-and-limits/017-search-leading-zero-trace-id")
    assert padded == ("000abc9fed8f3c85c8f88b72a9705b55", 1)


def test_a_search_asks_for_seconds_and_the_newest(replay: Replay, tempo: Tempo) -> None:
    replay.answers["/api/search"] = answer_of(recording("tempo-3.0.3/040-search-no-match"))
    assert tempo.search('{ name = "x" }', 1_795_448_181, 1_795_449_981, 7, Patience(5)) == []
    assert replay.asked[0].parameters == {
        "q": '{ name = "x" } with (most_recent=true)',
        "start": "1795448181",
        "end": "1795449981",
        "limit": "7",
        "spss": "1",
    }


def test_a_trace_without_its_root_is_found_too(replay: Replay, tempo: Tempo) -> None:
    [found] = search(replay, tempo, "tempo-3.0.3-ingest-and-limits/015-search-trace-without-root")
    assert found == ("a241725b06d8ea78877eec2968076254", 1)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"traces": null}',
        b'{"traces": [null, 7, {}, {"traceID": "zz"}, {"traceID": 7, "startTimeUnixNano": "x"}]}',
        b'{"traces": [{"traceID": "ffffffffffffffffffffffffffffffffff"}]}',
    ],
)
def test_what_is_no_trace_in_an_answer_is_left_out(replay: Replay, tempo: Tempo, body: bytes) -> None:
    replay.trouble = (200, "application/json", body)
    assert tempo.search("{}", 1, 2, 20, Patience(5)) == []


def test_absent_zeros_are_zeros(replay: Replay, tempo: Tempo) -> None:
    replay.trouble = (200, "application/json", b'{"traces": [{"traceID": "1", "serviceStats": {"a": {}}}]}')
    [found] = tempo.search("{}", 1, 2, 20, Patience(5))
    assert (found.trace_id, found.start_time_unix_nano, found.duration_ns, found.span_count) == (
        bytes(15) + b"\1",
        0,
        0,
        0,
    )
