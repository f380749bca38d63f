"""What goes out as a file comes back in as the same rows: every field of OTLP, whatever the values."""

from pathlib import Path
from typing import Any

import duckdb
import httpx
import orjson
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from llm_tracing.exchange import otlp_values
from llm_tracing.exchange.sent import requests
from llm_tracing.normalize import anyvalue
from llm_tracing.store.database import FILE_NAME
from tests.receive.every_field import REQUESTS, filled
from tests.running import Running, signal_of

LISTS = {"traces": "/spans/export", "logs": "/logs/export", "metrics": "/metrics/export"}
TABLES = ("spans", "logs", "metrics", "metric_points", "resources", "scopes", "traces", "calls")


def _requests() -> list[Message]:
    return [filled(kind, 1_000_001 + 10_000 * place).request for place, kind in enumerate(REQUESTS)]


def export(server: Running, path: str, **parameters: str) -> bytes:
    answer = server.http.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return answer.content


def imported(server: Running, content: bytes) -> dict[str, Any]:
    answer = server.http.post("/api/v1/import", content=content)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rows(data: Path, table: str) -> list[str]:
    """Every row of a table as text, without what says how it came."""
    with duckdb.connect(str(data / FILE_NAME), read_only=True) as db:
        found = db.execute(f"SELECT * FROM {table}").fetchall()
    return sorted(repr(row) for row in found)


@pytest.mark.parametrize("form", ["otlp", "jsonl"])
def test_every_field_of_otlp_comes_back_as_the_same_rows(form: str, tmp_path: Path) -> None:
    with Running(tmp_path / "first") as server:
        server.export(*_requests())
        files = [export(server, path, format=form) for path in LISTS.values()]
    with Running(tmp_path / "second") as server:
        reports = [imported(server, content) for content in files]
    assert [report["errors"] for report in reports] == [[], [], []]
    assert reports[0]["spans"] == 1
    assert reports[1]["log_records"] == 1
    assert reports[2]["data_points"] > 5
    for table in TABLES:
        before = rows(tmp_path / "first", table)
        assert rows(tmp_path / "second", table) == before
        assert before or table == "calls"


def test_otlp_json_has_every_field_as_it_was_sent(tmp_path: Path) -> None:
    sent = _requests()
    with Running(tmp_path) as server:
        server.export(*sent)
        for request in sent:
            content = export(server, LISTS[signal_of(request)], format="otlp")
            [(signal, message)] = [found for line in content.splitlines() for found in requests(line)]
            assert signal == signal_of(request)
            assert _leaves(message) == _leaves(request)


def _leaves(message: Message) -> list[str]:
    """Each set leaf with its path, but for the places in lists: metrics may come in another order."""
    found: list[str] = []

    def walk(node: Any, path: str) -> None:
        for part, value in node.ListFields():
            for one in value if part.is_repeated else [value]:
                if part.message_type is None:
                    found.append(f"{path}.{part.name}={one!r}")
                else:
                    walk(one, f"{path}.{part.name}")

    walk(message, "")
    return sorted(found)


def test_the_json_is_that_of_the_specification(tmp_path: Path) -> None:
    with Running(tmp_path) as server:
        server.export(*_requests())
        [line] = export(server, "/spans/export", format="otlp").splitlines()
    span = orjson.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert len(bytes.fromhex(span["traceId"])) == 16
    assert len(bytes.fromhex(span["spanId"])) == 8
    assert isinstance(span["startTimeUnixNano"], str)
    assert isinstance(span["kind"], int)
    assert isinstance(span["droppedAttributesCount"], int)


_NUMBERS = st.floats() | st.integers(-(2**63), 2**63 - 1)
_KEYS = st.text(max_size=6) | st.sampled_from(["$bytes", "$double", "$map", "$duplicates", "$parts", "a"])


def _any(children: st.SearchStrategy[AnyValue]) -> st.SearchStrategy[AnyValue]:
    pairs = st.lists(st.builds(KeyValue, key=_KEYS, value=children), max_size=3)
    return st.builds(
        lambda values: AnyValue(array_value=ArrayValue(values=values)), st.lists(children, max_size=3)
    ) | st.builds(lambda values: AnyValue(kvlist_value=KeyValueList(values=values)), pairs)


VALUES = st.recursive(
    st.one_of(
        st.just(AnyValue()),
        st.builds(lambda text: AnyValue(string_value=text), st.text(max_size=8)),
        st.builds(lambda flag: AnyValue(bool_value=flag), st.booleans()),
        st.builds(lambda data: AnyValue(bytes_value=data), st.binary(max_size=8)),
        st.builds(
            lambda number: AnyValue(int_value=number) if isinstance(number, int) else AnyValue(double_value=number),
            _NUMBERS,
        ),
    ),
    _any,
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_any_value_survives_the_way_through_the_store(value: AnyValue) -> None:
    stored = anyvalue.from_json(anyvalue.to_json(anyvalue.any_value(value)))
    written = orjson.loads(orjson.dumps(otlp_values.any_value(stored)))
    back = ParseDict(written, AnyValue())
    assert anyvalue.to_json(anyvalue.any_value(back)) == anyvalue.to_json(anyvalue.any_value(value))
    assert back.WhichOneof("value") == value.WhichOneof("value")


def test_a_failed_import_is_told_as_one(tmp_path: Path) -> None:
    with Running(tmp_path) as server, httpx.Client(base_url=server.addresses.http, trust_env=False) as client:
        report = client.post("/api/v1/import", content=b"not json at all\n").json()
    assert report["error_count"] == 1
    assert report["errors"][0]["line"] == 1
