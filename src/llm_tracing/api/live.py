"""Server-sent events: which traces changed, as soon as they are stored.

Each event `traces` holds {"trace_ids": [...]}. A slow client gets several commits in one event rather than a queue
that grows; past MAX_IDS it gets an empty list, which means: look again at everything.
"""

import asyncio
from collections.abc import AsyncIterator

import orjson

MAX_IDS = 1_000
_KEEP_ALIVE_S = 15.0


class _Client:
    def __init__(self) -> None:
        self.changed: set[bytes] = set()
        self.wake = asyncio.Event()


class Live:
    """The listeners of /api/v1/live; `publish` may be called from any thread."""

    def __init__(self) -> None:
        self._clients: set[_Client] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        return len(self._clients)

    def publish(self, trace_ids: set[bytes]) -> None:
        loop = self._loop
        if loop is not None and self._clients and not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, trace_ids)

    def _deliver(self, trace_ids: set[bytes]) -> None:
        for client in self._clients:
            client.changed |= trace_ids
            client.wake.set()

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, set())

    async def stream(self) -> AsyncIterator[bytes]:
        self._loop = asyncio.get_running_loop()
        client = _Client()
        self._clients.add(client)
        try:
            yield b"retry: 1000\n: connected\n\n"
            while not self._closed:
                try:
                    await asyncio.wait_for(client.wake.wait(), _KEEP_ALIVE_S)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                client.wake.clear()
                changed, client.changed = client.changed, set()
                if changed:
                    ids = [i.hex() for i in changed] if len(changed) <= MAX_IDS else []
                    yield b"event: traces\ndata: " + orjson.dumps({"trace_ids": ids}) + b"\n\n"
        finally:
            self._clients.discard(client)
