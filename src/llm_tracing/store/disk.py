"""Whether the data folder can be written and has room: looked at before each write.

So the file itself never runs out of room, and a folder that can only be read (any more) is one clear refusal.

A reserve is kept free, because a full disk stops more than us: DuckDB needs room for its checkpoint, and whoever frees
space by deleting traces needs some to do so.
"""

import os
import time
from pathlib import Path

from llm_tracing.errors import DiskFull, FolderNotWritable, FolderReadOnly
from llm_tracing.store.failures import no_room, not_allowed, reason_of
from llm_tracing.writable import why_only_read

_PAUSE_S = 2.0  # after a write found no room although the reserve says there is some: a quota, a limit of file size


class Disk:
    """The disk under one data file; `min_free_bytes` is the reserve that writes must leave."""

    def __init__(self, path: Path, min_free_bytes: int) -> None:
        self._path = path
        self._folder = path.parent
        self._min_free = min_free_bytes
        self._paused_until = 0.0
        self._paused_by: type[DiskFull | FolderReadOnly] = DiskFull
        self._reason = ""

    def free_bytes(self) -> int:
        """What an ordinary user may still write; raises OSError if the folder is gone."""
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def check(self) -> None:
        """Raises DiskFull, FolderReadOnly or FolderNotWritable if nothing should be written now."""
        if (reason := why_only_read(self._path)) is not None:
            raise (FolderReadOnly if self._path.exists() else FolderNotWritable)(self._folder, reason)
        if time.monotonic() < self._paused_until:
            raise self._paused_by(self._folder, self._reason)
        if self._min_free and (free := self.free_bytes()) < self._min_free:
            raise DiskFull(self._folder, f"{free:,} bytes are free, {self._min_free:,} are kept free")

    def note(self, error: BaseException) -> None:
        """After an error: if it was for want of room or of the right to write, nothing is written for a moment."""
        if (refused := self.refusal(error)) is not None:
            self._paused_by, self._reason = type(refused), reason_of(error)
            self._paused_until = time.monotonic() + _PAUSE_S

    def refusal(self, error: BaseException) -> DiskFull | FolderReadOnly | None:
        """What to tell of an error that the disk is to blame for; None for any other."""
        if no_room(error):
            return DiskFull(self._folder, reason_of(error))
        return FolderReadOnly(self._folder, reason_of(error)) if not_allowed(error) else None
