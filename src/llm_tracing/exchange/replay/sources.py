"""Where a replay reads: a data folder, or the server that has it open. Either gives the same records."""

import http.client
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from urllib.parse import urlencode

import orjson

from llm_tracing.client_key import key_header
from llm_tracing.errors import LlmTracingError
from llm_tracing.exchange import walk
from llm_tracing.exchange.client import asked
from llm_tracing.exchange.fields import Fields
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.language import filters
from llm_tracing.store.contract import Page, PointPage, Store

_PART = 256 * 1024
Rows = Iterator[Fields]


class Source(Protocol):
    """Lists, newest first, spans with their meaning; `since` is in the range, `until` is not.

    Raises LlmTracingError.
    """

    def spans(self, q: str, since: int | None, until: int | None) -> Rows:
        """All spans of the traces that a filter finds and that began in the range."""
        ...

    def logs(self, since: int | None, until: int | None) -> Rows: ...

    def points(self, since: int | None, until: int | None) -> Rows: ...

    def close(self) -> None: ...


class FolderSource:
    """The data folder itself; while it is open no server can have it."""

    def __init__(self, store: Store, prices: Prices) -> None:
        self._store = store
        self._extra = walk.with_meaning(prices)

    def spans(self, q: str, since: int | None, until: int | None) -> Rows:
        page = Page(since=since, until=until, filters=filters(q, "traces"))
        return _flat(walk.traces(self._store, page, self._extra))

    def logs(self, since: int | None, until: int | None) -> Rows:
        return _flat(walk.logs(self._store, Page(since=since, until=until)))

    def points(self, since: int | None, until: int | None) -> Rows:
        return _flat(walk.points(self._store, PointPage(since=since, until=until)))

    def close(self) -> None:
        self._store.close()


def _flat(pages: walk.Pages) -> Rows:
    for page in pages:
        yield from page


class ServerSource:
    """A running server, over its export."""

    def __init__(self, address: str) -> None:
        self._address = address

    def spans(self, q: str, since: int | None, until: int | None) -> Rows:
        return self._rows("traces", q=q, since=since, until=until)

    def logs(self, since: int | None, until: int | None) -> Rows:
        return self._rows("logs", since=since, until=until)

    def points(self, since: int | None, until: int | None) -> Rows:
        return self._rows("metrics", since=since, until=until)

    def close(self) -> None: ...

    def _rows(self, what: str, **parameters: Any) -> Rows:
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        query = urlencode({"format": "jsonl", **given})
        request = urllib.request.Request(  # noqa: S310 - http
            f"{self._address}/api/v1/{what}/export?{query}", headers=key_header()
        )
        with asked(request, self._address) as answer:
            for line in _lines(answer.read, self._address):
                yield orjson.loads(line)


def _lines(read: Callable[[int], bytes], address: str) -> Iterator[bytes]:
    """Not the answer's own readline: that takes a stream which was cut off for one that ended."""
    rest: list[bytes] = []
    try:
        while part := read(_PART):
            first, *more = part.split(b"\n")
            rest.append(first)
            for start in more:
                yield b"".join(rest)
                rest = [start]
    except (http.client.HTTPException, ConnectionError) as error:
        raise LlmTracingError(
            f"{address} stopped in the middle of its export.", "Run the same command again: it goes on from here."
        ) from error
    if last := b"".join(rest):
        yield last
