"""The kinds of side data: what a row of each is in the object place, and how the window takes and gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, NamedTuple, Protocol, Union, get_args, get_origin, get_type_hints

from llm_tracing.lgtm.shared.changes import Row
from llm_tracing.model import AnnotationRow, Batch, PinRow, ProjectRow, ViewRow
from llm_tracing.store.contract import AnnotationPage
from llm_tracing.store.duck import DuckDBStore

_AT_ONCE = 5_000  # annotations that are read together
_MOST = 2**64


class Held(NamedTuple):
    """A thing that is there: its key, its row, and when it was said, in nanoseconds since the epoch."""

    key: bytes
    row: Row
    at: int


class Kind(Protocol):
    """Its methods are called by who has the turn to write. `take` and `drop` give the traces that they concern."""

    @property
    def name(self) -> str: ...

    def held(self) -> Iterator[Held]:
        """All that is there."""
        ...

    def take(self, rows: Sequence[Row]) -> set[bytes]:
        """Put these in place of what is there. Raises ValueError for a row that is none, then nothing is taken."""
        ...

    def drop(self, keys: Sequence[bytes]) -> set[bytes]: ...


def encode_row(row: Any) -> Row:
    """A record as JSON: bytes are hex digits."""
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in row._asdict().items()}


def decode_row(record: type[Any], row: Row) -> Any:
    """Raises ValueError for what is no such record; what a later version added to one is left out."""
    values = {}
    for name, hint in get_type_hints(record).items():
        value = row.get(name)
        allowed = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        if bytes in allowed and isinstance(value, str):
            value = bytes.fromhex(value)
            if len(value) != 16:
                raise ValueError(f"{name} is no id")
        if float in allowed and type(value) is int:
            value = float(value)
        if type(value) not in allowed or (isinstance(value, int) and not 0 <= value < _MOST):
            raise ValueError(f"{name} is {type(value).__name__}")
        values[name] = value
    return record(**values)


@dataclass(frozen=True, slots=True)
class Annotations:
    store: DuckDBStore
    name: str = "annotation"

    def held(self) -> Iterator[Held]:
        after = None
        while found := self.store.annotations(AnnotationPage(limit=_AT_ONCE, after=after)):
            for row in found:
                yield Held(row.annotation_id, encode_row(row), row.modified_at_unix_nano)
            after = (found[-1].created_at_unix_nano, found[-1].annotation_id.hex())

    def take(self, rows: Sequence[Row]) -> set[bytes]:
        batch = Batch.empty()
        for row in rows:
            annotation: AnnotationRow = decode_row(AnnotationRow, row)
            batch.annotations[annotation.annotation_id] = annotation
        return self.store.write(batch)

    def drop(self, keys: Sequence[bytes]) -> set[bytes]:
        gone = self.store.delete_annotations(keys)
        return {row.trace_id for row in gone if row.trace_id is not None}


@dataclass(frozen=True, slots=True)
class Simple:
    """Rows that are put and deleted one by one, and concern no trace."""

    name: str
    record: type[Any]
    rows: Callable[[], Iterable[Any]]
    put: Callable[[Any], None]
    delete: Callable[[bytes], bool]
    said_at: str  # the field with the time

    def held(self) -> Iterator[Held]:
        for row in self.rows():
            yield Held(row[0], encode_row(row), getattr(row, self.said_at))

    def take(self, rows: Sequence[Row]) -> set[bytes]:
        for row in [decode_row(self.record, row) for row in rows]:
            self.put(row)
        return set()

    def drop(self, keys: Sequence[bytes]) -> set[bytes]:
        for key in keys:
            self.delete(key)
        return set()


def kinds_of(store: DuckDBStore) -> list[Kind]:
    created = "created_at_unix_nano"

    def pin(row: PinRow) -> None:
        store.pin(row.trace_id, row.pinned_at_unix_nano)

    return [
        Annotations(store),
        Simple("view", ViewRow, store.views, store.put_view, store.delete_view, created),
        Simple("project", ProjectRow, store.projects, store.put_project, store.delete_project, created),
        Simple("pin", PinRow, store.pins, pin, store.unpin, "pinned_at_unix_nano"),
    ]
