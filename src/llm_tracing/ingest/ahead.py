"""Requests that are answered before they are written: from the journal, while a checkpoint keeps the store.

Once something is ahead, what comes after it is too, so that rows are written in the order in which they came. It is
bounded: who comes when it is full waits for the store. See docs/adr/0015.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from llm_tracing.ingest.pending import Pending
from llm_tracing.model import Batch
from llm_tracing.receive.as_bytes import to_bytes
from llm_tracing.store.journal import Journal, Mark, Written

MOST_BYTES = 8 * 1024 * 1024  # of protobuf; what half a second brings at 10,000 spans a second is 3 MB


class WaitedFor(Protocol):
    """What a store with checkpoints says of them."""

    def makes_wait(self) -> bool:
        """Whether who writes now waits for a checkpoint, and there is room for what is taken meanwhile."""
        ...

    def when_free(self, call: Callable[[], None]) -> None:
        """Have `call` called, on another thread, when `makes_wait` may be over."""
        ...

    def journalled(self) -> Mark | None:
        """The request of a journal that was stored last. Raises StoreError."""
        ...


class Group(NamedTuple):
    """Requests that were normalized together: their rows, their marks in the journal, their size in bytes."""

    batch: Batch
    marks: list[Mark]
    size: int


class Ahead:
    """For the thread that writes."""

    def __init__(self, folder: Path, store: WaitedFor, most_bytes: int = MOST_BYTES) -> None:
        self._journal = Journal(folder)
        self._store = store
        self._most = most_bytes
        self._groups: deque[Group] = deque()
        self.failed = False  # the last commit of what is ahead: nobody else is answered until one is made
        self.bytes = 0
        self.requests = 0  # answered from the journal since the start

    def __bool__(self) -> bool:
        return bool(self._groups)

    def when_free(self, call: Callable[[], None]) -> None:
        self._store.when_free(call)

    def makes_wait(self) -> bool:
        """Whether who writes now waits for the store."""
        return self._store.makes_wait()

    def takes(self, pending: Sequence[Pending], size: int) -> bool:
        """Whether these may be answered now. For want of room they may be later: see `is_full`.

        A store that is free and still far behind is sent more than it can write: who sends that waits.
        """
        if self.failed or size > self._most or any(item.signal is None for item in pending):
            return False
        return self._store.makes_wait() or 0 < self.bytes <= self._most // 2

    def is_full(self, size: int) -> bool:
        return bool(self._groups) and self.bytes + size > self._most

    def add(self, pending: Sequence[Pending], batch: Batch, size: int) -> None:
        """They are on disk when this returns. Raises StoreError; nothing of them is then."""
        marks = self._journal.add([_written(item) for item in pending])
        self.requests += len(pending)
        self.put(Group(batch, marks, size))

    def put(self, group: Group) -> None:
        """Behind the others."""
        self._groups.append(group)
        self.bytes += group.size

    @property
    def exists(self) -> bool:
        """Whether there is a journal."""
        return self._journal.exists

    def stored(self) -> Mark | None:
        """The request that was stored last of those in a journal. Raises StoreError."""
        return self._store.journalled()

    def left(self, stored: Mark | None) -> list[tuple[Mark, Written]]:
        """What an earlier process answered and did not write. Raises StoreError if the journal can't be read."""
        return self._journal.left(stored)

    def set_aside(self) -> Path:
        """A journal that can't be read is kept under another name. Raises OSError."""
        return self._journal.set_aside()

    def next(self) -> list[Group]:
        """What the next commit writes: half of what may be ahead, so that there is room while it is written."""
        found: list[Group] = []
        size = 0
        for group in self._groups:
            size += group.size
            if found and size > self._most // 2:
                break
            found.append(group)
        return found

    def requests_of(self, group: Group) -> list[Written]:
        """Raises StoreError."""
        return self._journal.requests(group.marks)

    def replace(self, group: Group, singles: Sequence[Group]) -> None:
        """The first group by its requests, each one by itself."""
        assert self._groups.popleft() is group
        self._groups.extendleft(reversed(singles))
        self.bytes += sum(single.size for single in singles) - group.size

    def written(self, groups: Sequence[Group]) -> None:
        """These are in the store."""
        for group in groups:
            assert self._groups.popleft() is group
            self.bytes -= group.size
        self.failed = False
        self._journal.stored(groups[-1].marks[-1])

    def close(self) -> None:
        """What is ahead is taken up at the next start."""
        self._journal.close()


def merged(groups: Sequence[Group]) -> Batch:
    """The rows of all of them, and the mark that says so."""
    if len(groups) == 1:
        batch = groups[0].batch
    else:
        batch = Batch.empty()
        for group in groups:
            batch.add(group.batch)
    batch.journalled = str(groups[-1].marks[-1])
    batch.again, batch.left_out = Counter(), set()  # of an attempt that failed
    return batch


def _written(item: Pending) -> Written:
    assert item.signal is not None
    assert not isinstance(item.request, Batch)
    return Written(item.signal, item.way, to_bytes(item.request))
