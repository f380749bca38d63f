"""An endpoint of OTLP over a real socket that answers as a test says, and remembers what it was sent."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.message import Message

from llm_tracing.exchange.sent import count
from llm_tracing.receive.decode import PROTOBUF, Signal, decode

Said = tuple[int, dict[str, str], bytes]
OK: Said = (200, {}, b"")


@dataclass
class Target:
    address: str
    answer: Callable[[int], Said]
    requests: list[tuple[Signal, Message]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def items(self) -> list[int]:
        """How many spans, log records or points each request had."""
        return [count(signal, message) for signal, message in self.requests]

    def span_names(self, start: int = 0) -> list[str]:
        """Of the requests from one on."""
        return [
            span.name
            for signal, message in self.requests[start:]
            if signal == "traces"
            for resource in message.resource_spans  # type: ignore[attr-defined]
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def otlp_target(answer: Callable[[int], Said] = lambda _: OK) -> Iterator[Target]:
    """`answer` gets the number of the request, from 0; the request is noted before it is called."""
    target = Target("", answer)
    signals: dict[str, Signal] = {"/v1/traces": "traces", "/v1/logs": "logs", "/v1/metrics": "metrics"}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            signal = signals[self.path[self.path.index("/v1/") :]]
            target.requests.append((signal, decode(signal, body, PROTOBUF)))
            target.headers.append({name.lower(): value for name, value in self.headers.items()})
            target.sizes.append(len(body))
            status, headers, content = target.answer(len(target.requests) - 1)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    target.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield target
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
