"""Room on the disk of the data folder: looked at before each write, so that the file itself never runs out of it.

A reserve is kept free, because a full disk stops more than us: DuckDB needs room for its checkpoint, and whoever frees
space by deleting traces needs some to do so.
"""

import os
import time
from pathlib import Path

from llm_tracing.errors import DiskFull
from llm_tracing.store.failures import no_room, reason_of

_PAUSE_S = 2.0  # after a write found no room although the reserve says there is some: a quota, a limit of file size


class Disk:
    """The disk under one folder; `min_free_bytes` is the reserve that writes must leave."""

    def __init__(self, folder: Path, min_free_bytes: int) -> None:
        self._folder = folder
        self._min_free = min_free_bytes
        self._paused_until = 0.0
        self._reason = ""

    def free_bytes(self) -> int:
        """What an ordinary user may still write; raises OSError if the folder is gone."""
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def check(self) -> None:
        """Raises DiskFull if nothing should be written now."""
        if time.monotonic() < self._paused_until:
            raise DiskFull(self._folder, self._reason)
        if self._min_free and (free := self.free_bytes()) < self._min_free:
            raise DiskFull(self._folder, f"{free:,} bytes are free, {self._min_free:,} are kept free")

    def note(self, error: BaseException) -> None:
        """After an error: if it was for want of room, nothing is written for a moment."""
        if no_room(error):
            self._reason = reason_of(error)
            self._paused_until = time.monotonic() + _PAUSE_S
