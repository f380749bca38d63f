"""The command's stdout and stderr: read, passed on as they come, and handed over after that."""

import contextlib
import fcntl
import os
import pty
import select
import selectors
import termios
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PIECE = 64 * 1024

Taken = Callable[[str, bytes], None]
"""Called with the name of a stream and its bytes."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of the command: where we read it, and where we write it."""

    name: str
    source: int
    own: int


def terminal(own: int) -> tuple[int, int]:
    """A pseudo-terminal like the one at `own`, which hands on bytes as they are: ours does the rest."""
    ours, theirs = pty.openpty()
    copy_size(own, theirs)
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    modes[3] &= ~(termios.ECHO | termios.ISIG)
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return ours, theirs


def copy_size(own: int, other: int) -> None:
    with contextlib.suppress(OSError):
        fcntl.ioctl(other, termios.TIOCSWINSZ, fcntl.ioctl(own, termios.TIOCGWINSZ, bytes(8)))


def pass_on(streams: Sequence[Stream], taken: Taken) -> None:
    """Until the end of each stream; when nobody reads ours any more, the command gets to know it the usual way."""
    ready = selectors.DefaultSelector()
    for one in streams:
        ready.register(one.source, selectors.EVENT_READ, one)
    while ready.get_map():
        # Stdout before stderr where both have something: a prompt comes after what was printed before it.
        for key, _ in sorted(ready.select(), key=lambda found: streams.index(found[0].data)):
            stream = key.data
            data = _read(stream.source)
            read_by_somebody = _write(stream.own, data) if data else False
            if data:
                taken(stream.name, data)
            if not read_by_somebody:
                ready.unregister(stream.source)
                os.close(stream.source)
    ready.close()


def together(streams: Sequence[Stream]) -> list[list[Stream]]:
    """Streams that go to the same place are read in turn, to keep their order; others must not wait for each other."""
    places: dict[tuple[int, int], list[Stream]] = {}
    for stream in streams:
        found = os.fstat(stream.own)
        places.setdefault((found.st_dev, found.st_ino), []).append(stream)
    return list(places.values())


def _read(source: int) -> bytes:
    try:
        return os.read(source, _PIECE)
    except OSError:  # a pseudo-terminal that nobody holds open any more
        return b""


def _write(own: int, data: bytes) -> bool:
    """Write all; False if nobody reads."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(own, view) :]
        except BlockingIOError:
            select.select([], [own], [])
        except OSError:
            return False
    return True
