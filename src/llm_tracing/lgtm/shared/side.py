"""Side data that all servers over one object place share: annotations, saved views, pins, created projects, folds.

    here:      object ─▶ window ─▶ acknowledged
    elsewhere: every few seconds the list of objects ─▶ those that are new ─▶ window

A crash between object and window loses nothing: the object is read like one of another server. A window that is lost is
filled from the objects; what a window has and no object tells of (it is older than this, or the place is a new one) is
put there at the first look.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from itertools import islice
from threading import Event, Lock, Thread
from typing import NamedTuple, TypeVar
from uuid import uuid4

import orjson

from llm_tracing.errors import StoreError
from llm_tracing.lgtm.bucket import Bucket
from llm_tracing.lgtm.shared import merging
from llm_tracing.lgtm.shared.changes import FOLDER, Change, Row, Thing, Version, decode, encode, newest, path_of
from llm_tracing.lgtm.shared.rows import Held, Kind
from llm_tracing.lgtm.window import Window

EVERY_S = 2.0  # between two looks
_AFTER_FAILURE_S = 5.0
_FIRST_LOOK_S = 5.0  # that a start waits for
_AT_ONCE = 16
_TOGETHER = 200  # objects whose changes are applied together
_UPLOAD = 1_000  # rows of one object, where a window brings what no object has
_MERGED_AWAY = 5  # looks in a row that may find objects gone which they have listed
_OF_A_RUN = frozenset({"trace_id", "span_id"})  # of an annotation, which a window may have found out by itself

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Told(NamedTuple):
    """What was put in the object place and is not in the window yet."""

    path: str
    changes: list[Change]


class SideState(NamedTuple):
    """How sharing does: the last failure, None while all is well, and when the place was looked at last (time.time)."""

    trouble: StoreError | None
    looked_at: float


class SideData:
    """Safe for many threads; `listen` functions get the traces that changes from elsewhere concern."""

    def __init__(self, bucket: Bucket, window: Window, kinds: Iterable[Kind], every_s: float = EVERY_S) -> None:
        self._bucket = bucket
        self._window = window
        self._kinds: dict[str, Kind] = {kind.name: kind for kind in kinds}
        self._every_s = every_s
        self._by = uuid4().hex[:8]
        self._versions: dict[Thing, Version] = {}  # of what is in the window; changed with the turn to write
        self._rest: dict[Thing, Change] = {}  # of kinds that nobody here takes
        self._read: set[str] = set()  # paths of objects whose changes are in the window
        self._last_at = 0
        self._lock = Lock()
        self._looking = Lock()
        self._listeners: list[Callable[[set[bytes]], None]] = []
        self._to_upload = list(self._kinds.values())
        self._first_look, self._stop = Event(), Event()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="side")
        self._thread = Thread(target=self._run, name="side-data", daemon=True)
        self.state = SideState(None, 0.0)

    def start(self) -> None:
        """Look every few seconds from now on; the first look is waited for, but not long."""
        self._thread.start()
        self._first_look.wait(_FIRST_LOOK_S)

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._threads.shutdown()

    def listen(self, listener: Callable[[set[bytes]], None]) -> None:
        self._listeners.append(listener)

    def add(self, kind: Kind) -> None:
        """Share one more kind, which lies beside the window."""
        self._kinds = {**self._kinds, kind.name: kind}
        with self._window.turn:
            waiting = [one for thing, one in self._rest.items() if thing[0] == kind.name]
            self._rest = {thing: one for thing, one in self._rest.items() if thing[0] != kind.name}
            self._apply(waiting)
        self._to_upload.append(kind)

    # Changes that are made here

    def tell(self, kind: str, rows: Mapping[bytes, Row | None]) -> Told:
        """Put changes in the object place: rows by key, None for one that is gone. Raises ObjectsError."""
        at = self._next_at((kind, key) for key in rows)
        told = Told(path_of(at, self._by), [Change(kind, key, at, self._by, row) for key, row in rows.items()])
        self._bucket.put(told.path, encode(told.changes))
        return told

    def settle(self, told: Told) -> set[bytes]:
        """With the turn to write, before the window is: the keys that nobody changed later meanwhile."""
        holds = [one for one in told.changes if self._holds(one)]
        return {one.key for one in holds}

    def done(self, told: Told) -> None:
        """With the turn to write, after the window was."""
        self._versions.update((one.thing, one.version) for one in told.changes if self._holds(one))
        with self._lock:
            self._read.add(told.path)

    def change(self, kind: str, rows: Mapping[bytes, Row | None]) -> None:
        """Put changes in the object place and then in the window. Raises ObjectsError, StoreError."""
        told = self.tell(kind, rows)
        with self._window.turn:
            self._apply(told.changes)
            self.done(told)

    def _next_at(self, things: Iterable[Thing]) -> int:
        with self._lock:
            known = max((self._versions[thing].at for thing in things if thing in self._versions), default=0)
            self._last_at = max(time.time_ns(), known + 1, self._last_at + 1)
            return self._last_at

    def _holds(self, change: Change) -> bool:
        known = self._versions.get(change.thing)
        return known is None or known <= change.version

    # Changes that are made elsewhere

    def look(self) -> None:
        """Bring what others changed into the window. Raises ObjectsError, StoreError."""
        with self._looking:
            held = self._held(list(self._to_upload))
            touched: set[bytes] = set()
            for _ in range(_MERGED_AWAY):
                listed = self._bucket.listed(FOLDER)
                paths = {one.path for one in listed}
                with self._lock:
                    self._read &= paths
                    fresh = sorted(paths - self._read)
                missing = False
                for some in _in_parts(fresh, _TOGETHER):
                    missing |= self._take(some, held, touched)
                if not missing:
                    break
            for kind in list(self._to_upload):
                self._upload(kind)
                self._to_upload.remove(kind)
            merging.merge(self._bucket, listed, self._contents)
        if touched:
            for listener in self._listeners:
                listener(touched)

    def _take(self, paths: Sequence[str], held: Mapping[Thing, frozenset[bytes]], touched: set[bytes]) -> bool:
        """Apply the changes in these objects; whether one of them is gone, since others merged it."""
        contents = self._contents(paths)
        changes: list[Change] = []
        for path, content in zip(paths, contents, strict=True):
            if content is not None:
                changes += _changes(path, content)
        with self._window.turn:
            touched |= self._apply(newest(changes).values(), held)
        with self._lock:
            self._read.update(path for path, content in zip(paths, contents, strict=True) if content is not None)
        return None in contents

    def _contents(self, paths: Sequence[str]) -> list[bytes | None]:
        return list(self._threads.map(self._bucket.get, paths))

    def _apply(self, changes: Iterable[Change], held: Mapping[Thing, frozenset[bytes]] | None = None) -> set[bytes]:
        """With the turn to write. `held` are digests of what the window has, which need not be written again."""
        held = held or {}
        due: dict[str, list[Change]] = {}
        touched: set[bytes] = set()
        for one in changes:
            if one.kind not in self._kinds:
                self._rest = newest([*self._rest.values(), one])
            elif self._holds(one):
                due.setdefault(one.kind, []).append(one)
        for name, ones in due.items():
            kind = self._kinds[name]
            gone = [one.key for one in ones if one.row is None]
            rows = [one.row for one in ones if one.row is not None and _digest(one.row) not in held.get(one.thing, ())]
            touched |= (kind.drop(gone) if gone else set()) | _taken(kind, rows)
            self._versions.update((one.thing, one.version) for one in ones)
        return touched

    def _held(self, kinds: Iterable[Kind]) -> dict[Thing, frozenset[bytes]]:
        return {
            (kind.name, one.key): frozenset(
                {_digest(one.row), _digest({**one.row, **dict.fromkeys(_OF_A_RUN & one.row.keys())})}
            )
            for kind in kinds
            for one in kind.held()
        }

    def _upload(self, kind: Kind) -> None:
        """Put there what is here and no object tells of, as old as it is. Raises ObjectsError."""
        alone: Iterable[Held] = (one for one in kind.held() if (kind.name, one.key) not in self._versions)
        for some in _in_parts(alone, _UPLOAD):
            changes = [Change(kind.name, one.key, one.at, self._by, one.row) for one in some]
            told = Told(path_of(self._next_at(()), self._by), changes)
            self._bucket.put(told.path, encode(changes))
            with self._window.turn:
                self.done(told)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
                self._note(None)
            except StoreError as error:
                self._note(error)
            except Exception:  # the thread must outlive whatever lies in the place
                logger.exception("The side data of other servers could not be read")
            self._first_look.set()
            self._stop.wait(_AFTER_FAILURE_S if self.state.trouble else self._every_s)

    def _note(self, trouble: StoreError | None) -> None:
        before = self.state.trouble
        if trouble is not None and (before is None or before.message != trouble.message):
            logger.warning("Side data of other servers is not seen: %s", trouble.line())
        self.state = SideState(trouble, self.state.looked_at if trouble else time.time())


def _taken(kind: Kind, rows: Sequence[Row]) -> set[bytes]:
    """Rows that are none are left out: they came from elsewhere, and must not keep the others away."""
    try:
        return kind.take(rows) if rows else set()
    except ValueError as error:
        if len(rows) == 1:
            logger.warning("A shared %s cannot be read (%s)", kind.name, error)
            return set()
        return {touched for row in rows for touched in _taken(kind, [row])}


def _changes(path: str, content: bytes) -> list[Change]:
    try:
        return decode(content)
    except ValueError as error:
        logger.warning("%s cannot be read (%s)", path, error)
        return []


def _digest(row: Row) -> bytes:
    return blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=8).digest()


def _in_parts(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
