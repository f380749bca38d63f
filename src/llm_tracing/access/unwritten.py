"""Logins made and ended while the key file can't be written: held in memory, so they end with the process."""

import time
from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

_MOST = 10_000


class _Login(NamedTuple):
    key_id: str
    project: str | None
    expires_at: int


class UnwrittenLogins:
    """By the hash of the cookie; bounded, for several threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[bytes, _Login] = OrderedDict()
        self._ended: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def make(self, hashed: bytes, key_id: str, project: str | None, expires_at: int) -> None:
        with self._lock:
            self._made[hashed] = _Login(key_id, project, expires_at)
            if len(self._made) > _MOST:
                self._made.popitem(last=False)

    def end(self, *hashes: bytes) -> None:
        """None of these is a login any more, wherever it was made."""
        with self._lock:
            for hashed in hashes:
                self._made.pop(hashed, None)
                self._ended[hashed] = None
            while len(self._ended) > _MOST:
                self._ended.popitem(last=False)

    def find(self, *hashes: bytes) -> tuple[str, str | None] | None:
        """(the id of the key that was shown, the project)."""
        with self._lock:
            found = next((self._made[hashed] for hashed in hashes if hashed in self._made), None)
        return (found.key_id, found.project) if found is not None and found.expires_at > time.time_ns() else None

    def has_ended(self, *hashes: bytes) -> bool:
        with self._lock:
            return any(hashed in self._ended for hashed in hashes)
