"""Threads of the receivers' own: decoding never waits for queries, which have the event loop's pool."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_THREADS = 4  # decoding holds Python's lock for most of its time, so more would not be quicker
_pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="receive")


async def in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_pool, work)
