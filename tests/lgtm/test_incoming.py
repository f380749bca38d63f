"""What was read back is what was written: references resolved, attributes of our own taken out."""

import json
from collections.abc import Collection, Mapping

import orjson
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.lgtm.incoming import to_batch
from llm_tracing.model import SOURCE_LANGSMITH, SOURCE_OTLP, Batch
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.shared import SharedRows
from tests.builders import NOON, SECOND, key_values
from tests.lgtm.replaying import recording

LONG = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "why? " * 4_000}]}])


class Texts:
    """Objects in memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.asked: list[set[str]] = []

    def get_many(self, hashes: Collection[str]) -> Mapping[str, str]:
        self.asked.append(set(hashes))
        return {name: self.texts[name] for name in hashes if name in self.texts}


def traces(**attributes: object) -> TracesData:
    data = TracesData()
    resource_spans = data.resource_spans.add()
    span = resource_spans.scope_spans.add().spans.add(trace_id=b"1" * 16, span_id=b"2" * 8, name="chat")
    span.start_time_unix_nano, span.end_time_unix_nano = NOON, NOON + SECOND
    span.attributes.extend(key_values(attributes))
    return data


def read(data: TracesData, texts: Mapping[str, str] | None = None) -> tuple[Batch, dict[str, object]]:
    batch = to_batch(Texts(texts or {}), SharedRows(), traces=data)
    contents = {key: row.content for key, row in batch.payloads.items()}
    found: dict[str, object] = restore(from_json(batch.spans[0].attributes), contents)
    return batch, found


def reference(name: str, **more: object) -> str:
    return orjson.dumps({"llm_tracing.payload": name, "bytes": 9, **more, "preview": "why"}).decode()


def test_a_long_text_is_put_back_and_searched() -> None:
    data = traces(**{"gen_ai.operation.name": "chat", "gen_ai.input.messages": reference("ab")})
    batch, attributes = read(data, {"ab": LONG})
    assert attributes["gen_ai.input.messages"] == LONG
    assert batch.spans[0].input_preview is not None
    assert batch.spans[0].input_preview.startswith("why? why?")


def test_a_structure_comes_back_as_one() -> None:
    text = json.dumps({"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "7"}]}})
    _, attributes = read(traces(big=reference("ab", form="any")), {"ab": text})
    assert attributes["big"] == ["a", 7]


def test_a_text_whose_object_is_gone_says_so() -> None:
    _, attributes = read(traces(big=reference("ab")))
    assert attributes["big"] == "why... [9 bytes, not available: object ab is missing]"


def test_what_only_looks_like_a_reference_stays() -> None:
    for text in ('{"llm_tracing.payload"', '{"llm_tracing.payload": 7}', '{"llm_tracing.payload":"a"} x', "{}"):
        _, attributes = read(traces(big=text), {"a": "wrong"})
        assert attributes["big"] == text


def test_texts_in_events_and_links_are_put_back_with_one_question() -> None:
    data = traces(one=reference("a"))
    span = data.resource_spans[0].scope_spans[0].spans[0]
    span.events.add(name="e", time_unix_nano=NOON).attributes.extend(key_values({"two": reference("b")}))
    span.links.add(trace_id=b"3" * 16, span_id=b"4" * 8).attributes.extend(key_values({"three": reference("a")}))
    objects = Texts({"a": "text a", "b": "text b"})
    batch = to_batch(objects, SharedRows(), traces=data)
    assert objects.asked == [{"a", "b"}]
    assert "text b" in (batch.spans[0].events or "")
    assert "text a" in (batch.spans[0].links or "")


def test_a_span_remembers_by_which_protocols_it_came() -> None:
    batch, attributes = read(traces(**{"llm_tracing.sources": "langsmith", "a": "b"}))
    assert batch.spans[0].sources == SOURCE_LANGSMITH
    assert attributes == {"a": "b"}
    assert read(traces(**{"llm_tracing.sources": "otlp,langsmith"}))[0].spans[0].sources == 3
    assert read(traces(**{"llm_tracing.sources": "nonsense"}))[0].spans[0].sources == SOURCE_OTLP
    assert read(traces())[0].spans[0].sources == SOURCE_OTLP


def test_json_that_tempo_cut_is_kept_and_breaks_nothing() -> None:
    sent = recording("tempo-3.0.3-ingest-and-limits/003-trace-large-attribute-truncated")
    _, attributes = read(ParseDict(sent["response"]["body"]["trace"], TracesData()))
    text = str(attributes["gen_ai.input.messages"])
    assert len(text) == 2_048
    assert text.endswith("A")


def test_maps_arrays_and_bytes_come_whole() -> None:
    sent = recording("tempo-3.0.3-ingest-and-limits/013-trace-complex-attributes")
    _, attributes = read(ParseDict(sent["response"]["body"]["trace"], TracesData()))
    assert attributes["arr.str"] == ["a", "b"]
    assert attributes["arr.one"] == ["a"]
    assert attributes["arr.mixed"] == ["a", 1]
    assert isinstance(attributes["map"], dict)
