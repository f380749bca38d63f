"""A small HTTP/1.1 server for the loopback: it hands each request to a function and sends what that returns.

Made to cost little, since it shares the machine with what is measured. Bodies come with a length or in chunks.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Request:
    """One request; names of headers in lower case, the body as it was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes = b"{}"
    status: int = 200
    kind: str = "application/json"


Answer: TypeAlias = Callable[[Request], Response]


class _Connection(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._waiting = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (found := _cut(self._waiting)) is not None:
            request, size = found
            del self._waiting[:size]
            response = self._answer(request)
            head = (
                f"HTTP/1.1 {response.status} -\r\nContent-Type: {response.kind}\r\n"
                f"Content-Length: {len(response.body)}\r\n\r\n"
            )
            self._transport.write(head.encode() + response.body)


def _cut(waiting: bytearray) -> tuple[Request, int] | None:
    """The first whole request and its size on the wire; None if more of it must come."""
    end = waiting.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = waiting[:end].decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    begin = end + 4
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _cut_chunks(waiting, begin, Request(method, path, headers, b""))
    size = begin + int(headers.get("content-length", 0))
    if len(waiting) < size:
        return None
    return Request(method, path, headers, bytes(waiting[begin:size])), size


def _cut_chunks(waiting: bytearray, begin: int, request: Request) -> tuple[Request, int] | None:
    body = bytearray()
    while (end := waiting.find(b"\r\n", begin)) >= 0:
        length = int(waiting[begin:end].split(b";")[0], 16)
        begin = end + 2 + length + 2
        if len(waiting) < begin:
            return None
        if length == 0:
            return Request(request.method, request.path, request.headers, bytes(body)), begin
        body += waiting[end + 2 : end + 2 + length]
    return None


async def _serve(answer: Answer) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # ends with the process that started this one
    server.close()


def serve(answer: Answer) -> None:
    """Print the port, and answer until standard input ends."""
    asyncio.run(_serve(answer))
