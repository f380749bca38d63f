"""A proxy between a service and the server: it passes everything on, and counts requests and bytes by path."""

import asyncio
import http.client
from collections import Counter
from collections.abc import Mapping
from threading import Lock
from urllib.parse import urlsplit

from llm_tracing.comparison.model_endpoint import Message, Receive, Send

_TIMEOUT_S = 30.0
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length", "te"})


class Traffic:
    """An ASGI application before `server`. Counted are the bodies of requests as sent, compressed or not."""

    def __init__(self, server: str) -> None:
        address = urlsplit(server)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 80
        self._lock = Lock()
        self._requests: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def counted(self) -> dict[str, tuple[int, int]]:
        """`POST /v1/traces` -> requests, bytes, so far."""
        with self._lock:
            return {name: (count, self._bytes[name]) for name, count in self._requests.items()}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        name = f"{scope['method']} {scope['path']}"
        with self._lock:
            self._requests[name] += 1
            self._bytes[name] += len(body)
        status, headers, content = await asyncio.to_thread(self._pass_on, scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _pass_on(self, scope: Mapping[str, object], body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        pairs = scope["headers"]
        assert isinstance(pairs, list)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
        query = scope.get("query_string")
        path = str(scope["path"]) + (f"?{query.decode('latin-1')}" if isinstance(query, bytes) and query else "")
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        try:
            connection.request(str(scope["method"]), path, body, kept)
            answer = connection.getresponse()
            content = answer.read()
            given = [(n.encode(), v.encode("latin-1")) for n, v in answer.getheaders() if n.lower() not in _HOP_BY_HOP]
            return answer.status, given, content
        except OSError as error:
            return 502, [(b"content-type", b"text/plain")], str(error).encode()
        finally:
            connection.close()
