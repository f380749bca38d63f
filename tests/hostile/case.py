"""One hostile request and what must become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PROTOBUF, JSON = "application/x-protobuf", "application/json"


@dataclass(frozen=True, slots=True)
class Case:
    """`statuses` are the right answers; `keeps` names traces that must be there afterwards, by their id as hex."""

    name: str
    path: str
    body: bytes
    statuses: frozenset[int]
    content_type: str = PROTOBUF
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps: tuple[str, ...] = ()


def case(
    name: str,
    path: str,
    body: bytes,
    *statuses: int,
    content_type: str = PROTOBUF,
    headers: Mapping[str, str] | None = None,
    keeps: tuple[str, ...] = (),
) -> Case:
    return Case(name, path, body, frozenset(statuses), content_type, headers or {}, keeps)
