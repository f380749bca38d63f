"""An HTTP server on loopback that answers what real Tempo, Loki and Prometheus servers answered, see data/recordings.

A question is told apart by its path and by what it searches for, not by its times: the answers are as old as the
recordings. A trace that was recorded as JSON is given as protobuf too. `trouble` makes it answer badly.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from google.protobuf.json_format import ParseDict
from google.protobuf.wrappers_pb2 import BytesValue
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

RECORDINGS = Path(__file__).parent.parent / "data" / "recordings"
Recorded = dict[str, Any]
Answer = tuple[int, str, bytes]


def recording(name: str) -> Recorded:
    """One of data/recordings, `folder/file` without its end."""
    found: Recorded = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def answer_of(recorded: Recorded) -> Answer:
    """(status, content type, body)"""
    sent = recorded["response"]
    body = sent.get("body", "")
    raw = base64.b64decode(sent["body_base64"]) if "body_base64" in sent else _bytes(body)
    return sent["status"], sent["headers"].get("Content-Type", ""), raw


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def as_protobuf(recorded: Recorded, *, status: int = 0, message: str = "") -> Answer:
    """A trace that was recorded as JSON, as Tempo's protobuf; `status` and `message` as of a partial trace."""
    return protobuf_of(ParseDict(recorded["response"]["body"]["trace"], TracesData()), status=status, message=message)


def protobuf_of(data: TracesData, *, status: int = 0, message: str = "") -> Answer:
    body = BytesValue(value=data.SerializeToString()).SerializeToString()
    if status:
        body += bytes([3 << 3, status])
    if message:
        body += bytes([4 << 3 | 2, len(message.encode())]) + message.encode()
    return 200, "application/protobuf", body


@dataclass
class Asked:
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]


@dataclass
class Replay:
    """`answers` are looked up by (path, what is searched for), then by the path alone."""

    answers: dict[tuple[str, str] | str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    trouble: Answer | None = None
    delay_s: float = 0.0
    drip_s: float = 0.0  # between two bytes of an answer
    cut: int = 0  # bytes that an answer lacks at its end
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def add(self, name: str) -> None:
        """A recording, under its own path and search."""
        found = recording(name)
        parts = urlsplit(found["request"]["path"])
        searched = searched_for(dict(parse_qsl(parts.query)))
        self.answers[(parts.path, searched)] = answer_of(found)

    def to(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        time.sleep(self.delay_s)
        if self.trouble is not None:
            return self.trouble
        found = self.answers.get((asked.path, searched_for(asked.parameters))) or self.answers.get(asked.path)
        if found is None:
            return 404, "text/plain", b"404 page not found"
        return found(asked) if callable(found) else found


def searched_for(parameters: dict[str, str]) -> str:
    found = parameters.get("q") or parameters.get("query") or parameters.get("match[]") or ""
    return found.removesuffix(" with (most_recent=true)")


@contextmanager
def replaying(replay: Replay) -> Iterator[Replay]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, kind, body = replay.answer(Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers)))
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self._send(body[: len(body) - replay.cut])
                self.close_connection = bool(replay.cut)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _send(self, body: bytes) -> None:
            if not replay.drip_s:
                self.wfile.write(body)
                return
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()
                time.sleep(replay.drip_s)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    replay.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
