"""Everything that OTLP carries is kept: no field without a column, by any way in, across a restart."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from llm_tracing.store.database import FILE_NAME, TABLES
from tests.builders import batch_of
from tests.receive.every_field import EXEMPT, REQUESTS, Filled, fields_of, filled, leaves
from tests.running import Running, signal_of

_IDS = frozenset({"traceId", "spanId", "parentSpanId"})


def _all_filled() -> list[Filled]:
    return [filled(kind, 1_000_001 + 10_000 * place) for place, kind in enumerate(REQUESTS)]


def test_the_requests_fill_every_field_that_the_proto_has() -> None:
    reachable = set().union(*(fields_of(kind.DESCRIPTOR) for kind in REQUESTS))
    assert reachable - set().union(*(made.names() for made in _all_filled())) == set(EXEMPT)


@pytest.mark.parametrize("way", ["protobuf", "json", "grpc"])
def test_every_field_is_in_the_tables_and_the_api_after_a_restart(way: str, tmp_path: Path) -> None:
    requests = _all_filled()
    with Running(tmp_path) as server:
        for made in requests:
            _send(server, made.request, way)
    with Running(tmp_path) as server:
        shown = set(_shown(server))
    stored = set(_stored(tmp_path / FILE_NAME))
    for made in requests:
        missing = [(name, value) for name, value in made.sentinels if _plain(value) not in stored]
        assert missing == []
    for made in requests[:2]:  # the API lists metrics, not yet their points
        missing = [(name, value) for name, value in made.sentinels if _plain(value) not in shown]
        assert [(name, value) for name, value in missing if not _hidden(name)] == []


def _hidden(name: str) -> bool:
    """The API gives the end of a span as its duration."""
    return name.endswith("Span.end_time_unix_nano")


@pytest.mark.parametrize("kind", REQUESTS)
def test_no_field_can_change_without_a_row_changing(kind: type[Message]) -> None:
    """Enums and bools are too small to be found by their value, so every field that is set is cleared in turn."""
    request = filled(kind, 1_000_001).request
    whole = batch_of(request)
    for place in range(len(list(leaves(request)))):
        other = kind()
        other.CopyFrom(request)
        holder, part = list(leaves(other))[place]
        if part.name in ("trace_id", "span_id") and holder.DESCRIPTOR.name == "Span":
            continue  # without its ids a span is refused, see test_bad_input.py
        holder.ClearField(part.name)
        assert batch_of(other) != whole, part.full_name


def _send(server: Running, request: Message, way: str) -> None:
    signal = signal_of(request)
    if way == "protobuf":
        server.export(request)
    elif way == "json":
        body = json.dumps(_hex_ids(json_format.MessageToDict(request, use_integers_for_enums=True)))
        answer = server.post(f"/v1/{signal}", body.encode(), "application/json")
        assert (answer.status_code, answer.json()) == (200, {})
    else:
        assert not server.export_grpc(request).partial_success.error_message


def _hex_ids(node: Any) -> Any:
    """OTLP's own JSON: ids are hex where proto3's JSON form has base64."""
    if isinstance(node, dict):
        return {key: base64.b64decode(value).hex() if key in _IDS else _hex_ids(value) for key, value in node.items()}
    return [_hex_ids(item) for item in node] if isinstance(node, list) else node


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _stored(file: Path) -> Iterator[str]:
    """Every value of every table, JSON taken apart."""
    with duckdb.connect(str(file), read_only=True) as db:
        for table in TABLES:
            for row in db.execute(f"SELECT * FROM {table}").fetchall():
                for value in row:
                    yield from _atoms(value)


def _shown(server: Running) -> Iterator[str]:
    for trace in server.traces(limit=1000):
        yield from _atoms(server.trace(trace.trace_id).model_dump())
    for record in server.logs(limit=1000):
        yield from _atoms(record.model_dump())


def _atoms(value: Any) -> Iterator[str]:
    """The plain values inside, as text: bytes and ids as hex, a span id of the tables too."""
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            yield base64.b64decode(value["$bytes"]).hex()
        for key, inner in value.items():
            yield key
            yield from _atoms(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _atoms(inner)
    elif isinstance(value, UUID):
        yield value.hex
    elif isinstance(value, str) and value[:1] in ("{", "[", '"'):
        yield from _atoms(json.loads(value))
    else:
        yield str(value)
        if isinstance(value, int):
            yield f"{value:016x}"
