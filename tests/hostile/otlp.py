"""Broken and hostile OTLP requests."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import zstandard
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.builders import chat, counter, log, log_request, metric_request, span, trace_hex, trace_request
from tests.hostile.case import JSON, Case, case

TRACES, LOGS, METRICS = "/v1/traces", "/v1/logs", "/v1/metrics"
BOMB = 512 * 1024 * 1024  # bytes when decompressed, eight times what a body may have
YEAR_2500 = 16_725_225_600_000_000_000
_numbers = count(1)


def _good(*others: Span) -> tuple[bytes, str]:
    """A request of an ordinary span and hostile ones after it; and the trace of the ordinary one."""
    trace = trace_hex(next(_numbers))
    call = span("good", 1, trace=trace, attributes=chat("hello", "yes", tokens=(1, 1)))
    return trace_request(call, *others).SerializeToString(), trace


def _with(name: str, *others: Span) -> Case:
    body, trace = _good(*others)
    return case(name, TRACES, body, 200, keeps=(trace,))


def _odd(change: Callable[[Span], None]) -> Span:
    found = span("odd", 2, trace=trace_hex(next(_numbers)))
    change(found)
    return found


def _ids() -> Iterator[Case]:
    def field(name: str, value: bytes) -> Callable[[Span], None]:
        return lambda one: setattr(one, name, value)

    for name, size in (("trace_id", 16), ("span_id", 8), ("parent_span_id", 8)):
        for length in (1, size - 1, size + 1, 1_000):
            yield _with(f"{name} of {length} bytes", _odd(field(name, b"\1" * length)))
    for name, size in (("trace_id", 16), ("span_id", 8)):
        yield _with(f"{name} of zeros", _odd(field(name, bytes(size))))
        yield _with(f"no {name}", _odd(field(name, b"")))
    yield _with("parent_span_id of zeros", _odd(field("parent_span_id", bytes(8))))


def _times() -> Iterator[Case]:
    for start, end in (
        (5, 3),
        (0, 0),
        (1, 2),
        (YEAR_2500, YEAR_2500 + 1),
        (2**64 - 1, 0),
        (0, 2**64 - 1),
        (2**63, 2**63),
    ):
        odd = span("odd", 2, trace=trace_hex(next(_numbers)))
        odd.start_time_unix_nano, odd.end_time_unix_nano = start, end
        yield _with(f"from {start} to {end}", odd)


def _shapes() -> Iterator[Case]:
    trace = trace_hex(next(_numbers))
    yield _with("its own parent", span("self", 2, 2, trace=trace))
    yield _with("two that are each other's parents", span("a", 2, 3, trace=trace), span("b", 3, 2, trace=trace))
    ring = [span(f"r{n}", n, 10 + (n + 1) % 500, trace=trace_hex(next(_numbers))) for n in range(10, 510)]
    for one in ring:
        one.trace_id = ring[0].trace_id
    yield _with("a ring of 500", *ring)
    chain = [span(f"c{n}", n, n - 1 or None, trace=trace_hex(10**9)) for n in range(1, 5_001)]
    yield _with("a chain of 5,000", *chain)
    same = [span(f"same id {n}", 7, trace=trace_hex(10**9 + 1)) for n in range(300)]
    yield _with("300 spans of one id", *same)
    linked = span("linked", 2, trace=trace)
    for n in range(100_000):
        linked.links.add(trace_id=n.to_bytes(16, "big"), span_id=n.to_bytes(8, "big"))
    yield _with("100,000 links", linked)
    eventful = span("eventful", 2, trace=trace, events=[("e", {"a": 1})] * 50_000)
    yield _with("50,000 events", eventful)


def _attributes() -> Iterator[Case]:
    trace = trace_hex(next(_numbers))
    values: dict[str, dict[str, Any]] = {
        "10 MB of a name": {"n" * 10_000_000: "v"},
        "10 MB of a value": {"big": "v" * 10_000_000},
        "20,000 attributes": {f"a{n}": n for n in range(20_000)},
        "no name": {"": "v", "b": ""},
        "NaN and negative": {
            "gen_ai.usage.input_tokens": float("nan"),
            "gen_ai.usage.output_tokens": -5,
            "x": float("-inf"),
        },
        "names of our own notation": {
            "$parts": ["#00"],
            "$map": 1,
            "$double": "NaN",
            "$bytes": "!",
            "a.$parts": {"$parts": ["#zz"]},
        },
        "NUL and odd text": {"a\0b": "c\0d", "\u202e": "\u202egnp", "emoji": "\U0001f4a9" * 1000},
        "bytes": {"raw": bytes(range(256)) * 100},
        "SQL and HTML": {
            "gen_ai.input.messages": "'; DROP TABLE spans; --",
            "<script>": "<img src=x onerror=alert(1)>",
        },
        "wrong types for known names": {
            "session.id": [1, 2],
            "gen_ai.request.model": {"a": 1},
            "gen_ai.operation.name": 3.5,
            "gen_ai.response.finish_reasons": 7,
            "user.id": b"\xff",
            "gen_ai.input.messages": True,
        },
    }
    for name, attributes in values.items():
        yield _with(name, span("odd", 2, trace=trace, attributes=attributes))
    duplicates = span("odd", 2, trace=trace)
    duplicates.attributes.extend(KeyValue(key="k", value=AnyValue(int_value=n)) for n in range(10_000))
    yield _with("one key 10,000 times", duplicates)
    for depth in (20, 30, 45):
        deep = span("deep", 2, trace=trace)
        deep.attributes.append(KeyValue(key="deep", value=_nested(depth)))
        yield _with(f"{depth} lists in one another", deep)


def _nested(depth: int) -> AnyValue:
    value = AnyValue(string_value="bottom")
    for _ in range(depth):
        outer = AnyValue()
        outer.array_value.values.append(value)
        value = outer
    return value


def _delimited(tag: int, content: bytes) -> bytes:
    """A protobuf field of a message or text: its tag, its length, its bytes."""
    length, size = bytearray(), len(content)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes([tag]) + bytes(length) + content


def _deep_bytes(depth: int) -> bytes:
    """A request whose attribute nests deeper than any parser follows, made by hand: the library would not write it."""
    value = b"\x0a\x01x"
    for _ in range(depth):
        value = _delimited(0x2A, _delimited(0x0A, value))
    attribute = _delimited(0x4A, _delimited(0x0A, b"k") + _delimited(0x12, value))
    ids = _delimited(0x0A, b"\1" * 16) + _delimited(0x12, b"\2" * 8)
    return _delimited(0x0A, _delimited(0x12, _delimited(0x12, ids + attribute)))


def _bytes() -> Iterator[Case]:
    whole, _ = _good()
    rng = random.Random(7)
    for cut in range(1, len(whole), max(1, len(whole) // 12)):
        yield case(f"cut at {cut}", TRACES, whole[:cut], 200, 400)
    for turn in range(40):
        flipped = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        yield case(f"flipped {turn}", TRACES, bytes(flipped), 200, 400)
    for turn in range(10):
        yield case(f"noise {turn}", rng.choice((TRACES, LOGS, METRICS)), rng.randbytes(1_000), 200, 400)
    yield case("text that is no UTF-8", TRACES, whole.replace(b"good", b"\xff\xfe\xfd\xfc"), 400)
    yield case("nothing", TRACES, b"", 200)
    yield case("4,000 levels", TRACES, _deep_bytes(4_000), 400)
    yield case("another signal", LOGS, whole, 200, 400)
    yield case("a length of 2^31", TRACES, b"\x0a\xff\xff\xff\xff\x07" + b"x" * 100, 400)


def _json() -> Iterator[Case]:
    def sent(name: str, body: Any, *statuses: int) -> Case:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return case(f"JSON: {name}", TRACES, raw, *statuses, content_type=JSON)

    def one(**fields: Any) -> dict[str, Any]:
        ids = {"traceId": trace_hex(next(_numbers)), "spanId": f"{5:016x}", "name": "j"}
        return {"resourceSpans": [{"scopeSpans": [{"spans": [{**ids, **fields}]}]}]}

    yield sent("not JSON", b"{", 400)
    yield sent("a list", [], 400)
    yield sent("null", None, 400)
    yield sent("a byte order mark", b"\xef\xbb\xbf{}", 200, 400)
    yield sent("UTF-16", json.dumps(one()).encode("utf-16"), 200, 400)
    yield sent("no UTF-8", b'{"resourceSpans": "\xff"}', 400)
    yield sent("spans that are an object", {"resourceSpans": {"a": 1}}, 400)
    yield sent("a name that is a number", one(name=5), 400)
    yield sent("an id that is no hex", one(traceId="zz"), 400)
    yield sent("an id that is a number", one(spanId=7), 400)
    yield sent("an id of odd length", one(spanId="abc"), 400)
    yield sent("a time before time", one(startTimeUnixNano="-5"), 400)
    yield sent("a time past all bounds", one(startTimeUnixNano=str(10**40)), 400)
    yield sent("a time with a fraction", one(startTimeUnixNano=1.5), 400)
    yield sent("a kind that is none", one(kind=99), 200)
    yield sent("a kind by name", one(kind="SPAN_KIND_SERVER"), 200)
    yield sent("unknown fields", one(colour="red", nested={"a": [1]}), 200)
    yield sent("100,000 brackets", b"[" * 100_000 + b"]" * 100_000, 400)
    yield sent("50,000 objects in one another", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400)
    yield sent("a number of 5,000 digits", b'{"resourceSpans": ' + b"9" * 5_000 + b"}", 400)
    yield sent("half a surrogate pair", b'{"resourceSpans":[{"schemaUrl":"\\ud83d"}]}', 200, 400)


def _encodings() -> Iterator[Case]:
    whole, _ = _good()
    zeros = bytes(1024 * 1024)

    def encoded(name: str, encoding: str, body: bytes, *statuses: int) -> Case:
        return case(f"{encoding}: {name}", TRACES, body, *statuses, headers={"Content-Encoding": encoding})

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(zeros) for _ in range(BOMB // len(zeros))) + packer.flush()
    yield encoded("a bomb", "gzip", bomb, 413)
    yield encoded("a bomb within a bomb", "gzip", gzip.compress(bomb), 400)
    packer = zlib.compressobj(9)
    yield encoded("a bomb", "deflate", b"".join(packer.compress(zeros) for _ in range(512)) + packer.flush(), 413)
    stream = zstandard.ZstdCompressor(level=19).compressobj()
    yield encoded("a bomb", "zstd", b"".join(stream.compress(zeros) for _ in range(512)) + stream.flush(), 413)
    many = gzip.compress(zeros) * 200
    yield encoded("200 members", "gzip", many, 413)
    for encoding, packed in (
        ("gzip", gzip.compress(whole)),
        ("deflate", zlib.compress(whole)),
        ("zstd", zstandard.compress(whole)),
    ):
        yield encoded("cut", encoding, packed[: len(packed) // 2], 400)
        yield encoded("not packed", encoding, whole, 400)
        yield encoded("empty", encoding, b"", 200, 400)
    yield encoded("bytes after the end", "gzip", gzip.compress(whole) + b"tail", 400)
    yield encoded("a zstd window of 2 GiB", "zstd", b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(100), 400)
    yield encoded("an encoding that is none", "brotli", whole, 415)
    yield encoded("two encodings", "gzip, gzip", gzip.compress(gzip.compress(whole)), 415)
    yield case("a type that is none", TRACES, whole, 415, content_type="text/plain")


def _other_signals() -> Iterator[Case]:
    def sent(path: str, name: str, request: Message) -> Case:
        return case(f"{path}: {name}", path, request.SerializeToString(), 200)

    record = log("odd")
    record.trace_id, record.span_id, record.severity_number = b"\1", b"\2" * 9, 999  # type: ignore[assignment]
    yield sent(LOGS, "odd ids and severity", log_request(record))
    huge = log("x" * 5_000_000)
    yield sent(LOGS, "5 MB of a body", log_request(huge))
    nothing = log("x")
    nothing.Clear()
    yield sent(LOGS, "an empty record", log_request(nothing))
    nan = counter("nan", 1)
    nan.sum.data_points[0].as_double = float("nan")
    yield sent(METRICS, "NaN", metric_request(nan))
    wide = counter("wide", 1)
    wide.Clear()
    wide.name = "wide"
    point = wide.histogram.data_points.add(count=2**64 - 1, sum=float("inf"))
    point.bucket_counts.extend([2**64 - 1] * 20_000)
    point.explicit_bounds.extend([float("nan"), *range(20_000)])
    yield sent(METRICS, "20,000 buckets", metric_request(wide))
    empty = counter("", 1)
    empty.Clear()
    yield sent(METRICS, "no name, no data", metric_request(empty))
    steep = counter("steep", 1)
    steep.Clear()
    one = steep.exponential_histogram.data_points.add(scale=-(2**31), zero_count=2**64 - 1)
    one.positive.offset = 2**31 - 1
    one.positive.bucket_counts.extend([1, 2])
    yield sent(METRICS, "a scale past all bounds", metric_request(steep))


def otlp_cases() -> Iterator[Case]:
    for some in (_ids, _times, _shapes, _attributes, _bytes, _json, _encodings, _other_signals):
        yield from some()
