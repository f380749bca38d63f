"""Stand-ins for Tempo, Loki and Prometheus over real HTTP: they take OTLP and answer in the recorded shapes.

What the recordings hold surprising is in them: a search drops the leading zeros of an id and knows no more than the
newest seconds allow, absent zeros, errors as plain text, attributes cut at 2,048 bytes without a mark, a tenant that is
demanded. `trouble` makes one answer badly, to writes, to reads or to both.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson
from google.protobuf.message import Message

TENANT = "X-Scope-OrgID"


class Answer(NamedTuple):
    status: int
    media: str = "text/plain; charset=utf-8"
    body: bytes = b""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed

    @classmethod
    def of_json(cls, tree: Any) -> Answer:
        return cls(200, "application/json", orjson.dumps(tree))

    @classmethod
    def of_text(cls, status: int, words: str, **headers: str) -> Answer:
        return cls(status, body=words.encode(), headers=headers)


DOWN = Answer(0)  # the connection is closed without an answer
BUSY = Answer.of_text(429, "too many outstanding requests", **{"Retry-After": "7"})
FAILING = Answer.of_text(500, "something broke")
PAGE = Answer(200, "text/html", b"<!doctype html><title>Welcome</title>")
NOT_FOUND = Answer.of_text(404, "404 page not found")
NO_ORG = Answer.of_text(401, "no org id")
NO_ORG_PUSH = Answer.of_text(503, "no org id")  # what Tempo says to an OTLP push


class Asked(NamedTuple):
    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def message(self, of: type[Message]) -> Any:
        return of.FromString(self.body)


@dataclass
class Fake:
    """`reads_trouble` and `writes_trouble` are answered in place of everything; `tenant` must be named if it is set."""

    reads_trouble: Answer | None = None
    writes_trouble: Answer | None = None
    delay_s: float = 0.0
    tenant: str | None = None
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        self.reads_trouble = self.writes_trouble = self.tenant = None
        self.delay_s = 0.0
        self.asked.clear()
        self.forget()

    def forget(self) -> None:
        """All that was taken."""

    def writes(self) -> list[Asked]:
        return [one for one in self.asked if one.method == "POST"]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        time.sleep(self.delay_s)
        pushed = asked.method == "POST"
        trouble = self.writes_trouble if pushed else self.reads_trouble
        if trouble is not None:
            return trouble
        if self.tenant is not None and self.tenant not in asked.headers.get(TENANT.lower(), "").split("|"):
            if not asked.headers.get(TENANT.lower()):
                return self.no_tenant(pushed)
            return self.of_nobody(asked)
        with self.turn:
            return self.take(asked) if pushed else self.give(asked)

    def no_tenant(self, pushed: bool) -> Answer:
        return NO_ORG

    def of_nobody(self, asked: Asked) -> Answer:
        """An unknown tenant is no error: it has no data."""
        return Answer(200, "application/x-protobuf") if asked.method == "POST" else NOT_FOUND

    def take(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def give(self, asked: Asked) -> Answer:
        raise NotImplementedError


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            found = fake.answer(Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
            if found.status == 0:
                self.close_connection = True
                return
            try:
                self.send_response(found.status)
                for name, value in {"Content-Type": found.media, **found.headers}.items():
                    self.send_header(name, value)
                if found.status != 204:
                    self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Stack:
    tempo: Any
    loki: Any
    prometheus: Any

    def reset(self) -> None:
        for fake in (self.tempo, self.loki, self.prometheus):
            fake.reset()


@contextmanager
def serving_stack() -> Iterator[Stack]:
    from tests.lgtm.fake_loki import FakeLoki
    from tests.lgtm.fake_prometheus import FakePrometheus
    from tests.lgtm.fake_tempo import FakeTempo

    with ExitStack() as running:
        yield Stack(*(running.enter_context(serving(fake)) for fake in (FakeTempo(), FakeLoki(), FakePrometheus())))
