"""The key that our own commands show a server that asks for one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

API_KEY = "LLM_TRACING_API_KEY"
_shown: ContextVar[dict[str, str] | None] = ContextVar("shown", default=None)


def key_header() -> dict[str, str]:
    """The headers with the key of this command, or of the environment; empty if there is none."""
    if (shown := _shown.get()) is not None:
        return shown
    key = os.environ.get(API_KEY, "").strip()
    return {"Authorization": f"Bearer {key}"} if key else {}


@contextmanager
def showing(headers: dict[str, str]) -> Iterator[None]:
    """Until the block ends, these are shown in place of the environment's."""
    token = _shown.set(headers)
    try:
        yield
    finally:
        _shown.reset(token)
