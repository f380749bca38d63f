"""Resources and scopes: stored once under the hash of their content, found again by the bytes that were sent."""

from hashlib import blake2b
from typing import Any, NamedTuple

from llm_tracing.model import Batch, ResourceRow, ScopeRow
from llm_tracing.normalize.alike import Shapes
from llm_tracing.normalize.anyvalue import key_values, to_json
from llm_tracing.normalize.limits import Limits

_KEPT = 4096  # resources and scopes remembered; a process sends the same few all its life
UNKNOWN_SERVICE = "unknown_service"


def content_id(*fields: Any) -> bytes:
    """128 bits that stand for these fields."""
    return blake2b(to_json(fields).encode(), digest_size=16).digest()


class Resource(NamedTuple):
    row: ResourceRow
    service: str
    attributes: dict[str, Any]


class SharedRows:
    """Turns Resource and InstrumentationScope messages into rows. Remembers those seen before, and shapes of spans."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.shapes = Shapes()
        self._resources: dict[bytes, Resource] = {}
        self._scopes: dict[bytes, ScopeRow] = {}

    def resource(self, sent: Any, schema_url: str, batch: Batch) -> Resource:
        key = sent.SerializeToString(deterministic=True) + b"\0" + schema_url.encode()
        found = self._resources.get(key)
        if found is None:
            found = self._resources[key] = _resource(sent, schema_url)
            _trim(self._resources)
        batch.resources[found.row.resource_id] = found.row
        return found

    def scope(self, sent: Any, schema_url: str, batch: Batch) -> ScopeRow:
        key = sent.SerializeToString(deterministic=True) + b"\0" + schema_url.encode()
        found = self._scopes.get(key)
        if found is None:
            attributes = to_json(key_values(sent.attributes))
            fields = (sent.name, sent.version, attributes, sent.dropped_attributes_count, schema_url)
            found = self._scopes[key] = ScopeRow(content_id(*fields), *fields)
            _trim(self._scopes)
        batch.scopes[found.scope_id] = found
        return found


def _resource(sent: Any, schema_url: str) -> Resource:
    attributes = key_values(sent.attributes)
    entities = [
        {
            "schema_url": entity.schema_url,
            "type": entity.type,
            "id_keys": list(entity.id_keys),
            "description_keys": list(entity.description_keys),
        }
        for entity in sent.entity_refs
    ]
    fields = (to_json(attributes), sent.dropped_attributes_count, to_json(entities), schema_url)
    service = attributes.get("service.name")
    return Resource(
        ResourceRow(content_id(*fields), *fields),
        service if isinstance(service, str) and service else UNKNOWN_SERVICE,
        attributes,
    )


def _trim(kept: dict[bytes, Any]) -> None:
    if len(kept) > _KEPT:
        del kept[next(iter(kept))]
