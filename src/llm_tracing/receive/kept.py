"""Requests that were refused, kept in the data folder with their bytes, so that they can be looked at and sent again.

Bounded in number and bytes, the oldest of the busiest reason goes first. One error is two files: `<id>.json` says what
it was, `<id>.bin` has the bytes as sent. What the sender itself sends again (a full queue) is not kept.
"""

import logging
import re
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

import orjson

from llm_tracing.errors import LlmTracingError, ReceiveError

logger = logging.getLogger(__name__)

MAX_ERRORS = 100
MAX_BYTES = 64 * 1024 * 1024  # of all payloads
MAX_PAYLOAD = 16 * 1024 * 1024  # of one; of a larger one only the words are kept
QUIET_NS = 1_000_000_000  # the same sender with the same reason: one is kept a second
_COMES_AGAIN = frozenset({429, 503})
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One refused request; `payload_bytes` is its size as sent, or None if its bytes are not here."""

    error_id: str
    time_unix_nano: int
    sender: str
    reason: str
    message: str
    method: str
    path: str
    content_type: str
    content_encoding: str
    status: int
    payload_bytes: int | None
    more: int = 0  # of the same sender and reason right after it, which were not kept


class KeptErrors:
    """The kept errors of one folder, or with None of none; for several threads. Nothing here raises OSError."""

    def __init__(self, folder: Path | None, *, with_payload: bool = True) -> None:
        self._folder = folder
        self._with_payload = with_payload  # off where texts are redacted: these bytes are as they were sent
        self._lock = Lock()
        self._kept: dict[str, Kept] = {}
        if folder is not None and folder.is_dir():
            found = (kept for file in folder.glob("*.json") if (kept := _read(file)) is not None)
            self._kept = {kept.error_id: kept for kept in sorted(found, key=lambda kept: kept.time_unix_nano)}

    @staticmethod
    def takes(error: LlmTracingError) -> bool:
        """Whether a request that was refused with this will not come again by itself."""
        return isinstance(error, ReceiveError) and error.status not in _COMES_AGAIN

    def all(self) -> list[Kept]:
        """The newest first."""
        with self._lock:
            return list(reversed(self._kept.values()))

    def get(self, error_id: str) -> Kept | None:
        return self._kept.get(error_id)

    def payload(self, error_id: str) -> bytes | None:
        """The bytes as sent; None if there are none."""
        kept = self._kept.get(error_id)
        if self._folder is None or kept is None or kept.payload_bytes is None:
            return None
        try:
            return (self._folder / f"{error_id}.bin").read_bytes()
        except OSError:
            return None

    def add(
        self,
        *,
        sender: str,
        reason: str,
        message: str,
        method: str,
        path: str,
        content_type: str,
        content_encoding: str,
        status: int,
        payload: bytes | None,
    ) -> None:
        """Keep one; the payload only if it is not too large."""
        if self._folder is None:
            return
        now = time.time_ns()
        with self._lock:
            if self._is_repeated(sender, reason, now):
                return
            keeps = self._with_payload and payload is not None and len(payload) <= MAX_PAYLOAD
            body = payload if keeps else None
            kept = Kept(
                uuid4().hex,
                now,
                sender[:200],
                reason,
                message[:1_000],
                method,
                path[:500],
                content_type[:200],
                content_encoding[:50],
                status,
                None if body is None else len(body),
            )
            try:
                self._folder.mkdir(exist_ok=True)
                if body is not None:
                    (self._folder / f"{kept.error_id}.bin").write_bytes(body)
                self._write(kept)
            except OSError as error:
                logger.warning("A refused request could not be kept (%s)", error.strerror or error)
                return
            self._kept[kept.error_id] = kept
            self._make_room()

    def remove(self, error_id: str) -> bool:
        """Forget one; whether it was there."""
        with self._lock:
            return self._drop(error_id)

    def clear(self) -> int:
        """Forget all; how many there were."""
        with self._lock:
            return sum(self._drop(error_id) for error_id in list(self._kept))

    def _is_repeated(self, sender: str, reason: str, now: int) -> bool:
        for error_id, kept in reversed(self._kept.items()):
            if now - kept.time_unix_nano >= QUIET_NS:
                return False
            if (kept.sender, kept.reason) == (sender[:200], reason):
                self._kept[error_id] = Kept(**{**asdict(kept), "more": kept.more + 1})
                return True
        return False

    def _make_room(self) -> None:
        while len(self._kept) > MAX_ERRORS or self._bytes() > MAX_BYTES:
            (busiest, _), *_ = Counter((kept.sender, kept.reason) for kept in self._kept.values()).most_common(1)
            self._drop(next(i for i, kept in self._kept.items() if (kept.sender, kept.reason) == busiest))

    def _bytes(self) -> int:
        return sum(kept.payload_bytes or 0 for kept in self._kept.values())

    def _drop(self, error_id: str) -> bool:
        if self._kept.pop(error_id, None) is None:
            return False
        if self._folder is not None:
            for suffix in ("json", "bin"):
                with suppress(OSError):
                    (self._folder / f"{error_id}.{suffix}").unlink(missing_ok=True)
        return True

    def _write(self, kept: Kept) -> None:
        if self._folder is not None:
            (self._folder / f"{kept.error_id}.json").write_bytes(orjson.dumps(asdict(kept)))


def _read(file: Path) -> Kept | None:
    if not _ID.fullmatch(file.stem):
        return None
    try:
        found = orjson.loads(file.read_bytes())
        return Kept(**found) if found["error_id"] == file.stem else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
