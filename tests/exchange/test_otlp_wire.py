"""Our own OTLP JSON becomes the message that protobuf's own reader makes of it."""

from typing import Any

import orjson
from hypothesis import given, settings
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from llm_tracing.exchange import otlp_values
from llm_tracing.exchange.otlp_wire import fill
from llm_tracing.normalize import anyvalue
from llm_tracing.receive.decode import REQUESTS, fill_from_tree
from tests.exchange.test_round_trip import LISTS, VALUES, _requests, export
from tests.running import Running, signal_of


def test_every_field_of_every_signal(tmp_path: Any) -> None:
    with Running(tmp_path) as server:
        for request in _requests():
            server.export(request)
            signal = signal_of(request)
            tree = orjson.loads(export(server, LISTS[signal], format="otlp"))
            expected, found = REQUESTS[signal](), REQUESTS[signal]()
            fill_from_tree(tree, expected)
            fill(found, tree)
            assert found == expected
            assert found.ByteSize() > 100


@settings(deadline=None)
@given(VALUES)
def test_any_value(value: AnyValue) -> None:
    tree = otlp_values.any_value(anyvalue.from_json(anyvalue.to_json(anyvalue.any_value(value))))
    expected, found = AnyValue(), AnyValue()
    fill_from_tree(tree, expected)
    fill(found, tree)
    assert found.SerializeToString(deterministic=True) == expected.SerializeToString(deterministic=True)
