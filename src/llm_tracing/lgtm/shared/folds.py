"""The folding rules that somebody set, as side data: a file beside the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from llm_tracing.lgtm.shared.changes import Row
from llm_tracing.lgtm.shared.rows import Held
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.query.fold_book import FoldBook

_KEY = bytes(16)  # there is one set of rules
NAME = "folds"


class Folds:
    def __init__(self, book: FoldBook) -> None:
        self._book = book

    @property
    def name(self) -> str:
        return NAME

    def held(self) -> Iterator[Held]:
        content = self._book.content
        if content is not None:
            yield Held(_KEY, {"content": content.decode()}, self._book.set_at_unix_nano)

    def take(self, rows: Sequence[Row]) -> set[bytes]:
        for row in rows:
            content = row.get("content")
            if not isinstance(content, str):
                raise ValueError("no rules")
            self._book.take(content.encode())
        return set()

    def drop(self, keys: Sequence[bytes]) -> set[bytes]:
        self._book.take(None)
        return set()


def share_folds(side: SideData, book: FoldBook) -> None:
    """From now on a change of the rules goes to all servers before it is acknowledged."""
    side.add(Folds(book))
    book.keep_with(partial(_keep, side))


def _keep(side: SideData, content: bytes | None) -> None:
    side.change(NAME, {_KEY: None if content is None else {"content": content.decode()}})
