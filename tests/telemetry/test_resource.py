import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from llm_tracing.telemetry.resource import service_resource


def test_the_hash_of_a_resource_is_worked_out_once_and_is_that_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = service_resource("shop", "1.2", {"host.name": "a"})
    plain = Resource(dict(ours.attributes), ours.schema_url)
    assert ours == plain
    assert hash(ours) == hash(plain)
    hashes = iter([7, 8])
    monkeypatch.setattr(Resource, "__hash__", lambda _resource: next(hashes))
    again = service_resource("shop")
    assert (hash(again), hash(again), next(hashes)) == (7, 7, 8)


def test_spans_are_given_that_resource_itself() -> None:
    ours = service_resource("shop")
    span = TracerProvider(resource=ours).get_tracer("test").start_span("one")
    assert getattr(span, "resource", None) is ours
