"""S3 over real HTTP, as far as lgtm/bucket.py speaks it: put (also if nothing is there), get, list, delete many.

Source: Amazon S3's API reference: PutObject, GetObject, ListObjectsV2, DeleteObjects.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

_OF_A_PAGE = 5  # so that a list has pages


@dataclass
class FakeS3:
    """`objects` are of one bucket. While it `fails` every answer is a 403, which clients do not try again."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fails: bool = False
    knows_conditions: bool = True
    url: str = ""
    turn: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: str, body: bytes, *, if_none: bool) -> int:
        with self.turn:
            if if_none and not self.knows_conditions:
                return 501
            if if_none and key in self.objects:
                return 412
            self.objects[key] = body
            return 200

    def listed(self, prefix: str, after: str) -> str:
        found = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        page = found[:_OF_A_PAGE]
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if len(found) > len(page) else ""
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>"
            f"<ETag>&quot;{_tag(self.objects[key])}&quot;</ETag><Size>{len(self.objects[key])}</Size></Contents>"
            for key in page
        )
        cut = str(bool(more)).lower()
        return f"<ListBucketResult><IsTruncated>{cut}</IsTruncated>{more}{rows}</ListBucketResult>"

    def delete(self, body: bytes) -> str:
        keys = [one.text or "" for one in ElementTree.fromstring(body).iter() if one.tag.rpartition("}")[2] == "Key"]
        for key in keys:
            self.objects.pop(key, None)
        rows = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        return f"<DeleteResult>{rows}</DeleteResult>"


def _tag(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


@contextmanager
def serving_s3() -> Iterator[FakeS3]:
    fake = FakeS3()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self._body()
            status = fake.put(self._key(), body, if_none=self.headers.get("If-None-Match") == "*")
            self._answer(status, b"", ETag=f'"{_tag(body)}"')

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            if "list-type" in query:
                after = query.get("continuation-token", [""])[0]
                return self._answer(200, fake.listed(query.get("prefix", [""])[0], after).encode())
            body = fake.objects.get(self._key())
            if body is None:
                return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return self._answer(
                200, body, **{"ETag": f'"{_tag(body)}"', "Last-Modified": formatdate(time(), usegmt=True)}
            )

        def do_POST(self) -> None:
            self._answer(200, fake.delete(self._body()).encode())

        def _key(self) -> str:
            return unquote(urlsplit(self.path).path).removeprefix("/").partition("/")[2]

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _answer(self, status: int, body: bytes, **headers: str) -> None:
            if fake.fails:
                status, body, headers = 403, b"<Error><Code>AccessDenied</Code></Error>", {}
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

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
