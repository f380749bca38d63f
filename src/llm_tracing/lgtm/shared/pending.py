"""Runs of which a part has come: the next part may come to another server, so what is known lies in the object place.

    runs/<trace id>/<span id>.zst    OTLP of one span, compressed with zstd; long texts are references to objects

Who gets a part puts it there, unless something is there: then it is brought into the window and put together with it.
So it does not matter which part comes first, or where. When a run is whole it was sent, and its object goes. A run that
never ends is forgotten there after a week.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock

import zstandard
from google.protobuf.message import DecodeError
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.errors import StoreError
from llm_tracing.lgtm.bucket import Bucket
from llm_tracing.lgtm.incoming import to_batch
from llm_tracing.lgtm.objects import ObjectStore
from llm_tracing.lgtm.outgoing import message, outgoing
from llm_tracing.lgtm.whole_runs import Placed, RunKey
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch
from llm_tracing.normalize.shared import SharedRows

FOLDER = "runs"
KEEP_S = 7 * 24 * 3_600
_TIDY_S = 3_600
_AT_ONCE = 16
_LARGEST = 64 * 1024 * 1024  # bytes of one span: an object says how long it is, and may lie

logger = logging.getLogger(__name__)


class PendingRuns:
    """For the thread that writes."""

    def __init__(self, bucket: Bucket, objects: ObjectStore, window: Window, inline_bytes: int) -> None:
        self._bucket = bucket
        self._objects = objects
        self._window = window
        self._inline_bytes = inline_bytes
        self._shared = SharedRows()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="runs")
        self._tidied_at = time.monotonic()
        self._tidying = Lock()

    def close(self) -> None:
        self._threads.shutdown()

    def keep(self, batch: Batch, parts: Sequence[Placed], texts: Mapping[bytes, str], *, anew: bool) -> set[RunKey]:
        """Put parts of runs there, but not over what is there unless `anew`; the keys of those that were there.

        What was there is in the window then. Raises ObjectsError.
        """
        if not parts:
            return set()
        found: set[RunKey] = set()
        contents = self._contents(batch, parts, texts)
        if anew:
            list(self._threads.map(self._bucket.put, map(_path, contents), contents.values()))
        else:
            new = list(self._threads.map(self._bucket.put_new, map(_path, contents), contents.values()))
            found = {key for key, is_new in zip(contents, new, strict=True) if not is_new}
            self._bring(found)
        if time.monotonic() - self._tidied_at > _TIDY_S:
            self._tidied_at = time.monotonic()
            self._threads.submit(self._tidy)
        return found

    def drop(self, keys: Collection[RunKey]) -> None:
        """Runs that are whole and were sent. Not waited for: what stays of one is put together with it once more."""
        if keys:
            self._threads.submit(self._drop, [_path(key) for key in keys])

    def _contents(self, batch: Batch, parts: Sequence[Placed], texts: Mapping[bytes, str]) -> dict[RunKey, bytes]:
        ready = outgoing(replace(batch, logs=[], metric_points=[]), parts, texts, self._inline_bytes)
        self._objects.put_many(ready.objects)
        keys = {place: (record.trace_id, record.span_id) for place, record in parts}
        items = [item for parcel in ready.parcels["traces"] for item in parcel]
        compressor = zstandard.ZstdCompressor()
        return {keys[item.place]: compressor.compress(message("traces", [item]).SerializeToString()) for item in items}

    def _bring(self, keys: Collection[RunKey]) -> None:
        data = TracesData()
        for content in self._threads.map(self._bucket.get, map(_path, keys)):
            if content is not None:
                data.MergeFrom(_decoded(content))
        if data.resource_spans:
            self._window.write(to_batch(self._objects, self._shared, traces=data))

    def _drop(self, paths: Sequence[str]) -> None:
        try:
            self._bucket.delete(paths)
        except StoreError as error:
            logger.warning("Runs that have ended stay in the object store: %s", error.line())

    def _tidy(self) -> None:
        """Forget runs that did not end."""
        if not self._tidying.acquire(blocking=False):
            return
        try:
            old = [one.path for one in self._bucket.listed(FOLDER) if one.put_at < time.time() - KEEP_S]
            self._bucket.delete(old)
        except StoreError as error:
            logger.warning("Runs that did not end stay in the object store: %s", error.line())
        finally:
            self._tidying.release()


def _path(key: RunKey) -> str:
    trace_id, span_id = key
    return f"{FOLDER}/{trace_id.hex()}/{span_id:016x}.zst"


def _decoded(content: bytes) -> TracesData:
    """Nothing, of what is no such object: the run is then what else is told of it."""
    try:
        if not 0 <= zstandard.frame_content_size(content) <= _LARGEST:
            return TracesData()
        return TracesData.FromString(zstandard.ZstdDecompressor().decompress(content))
    except (zstandard.ZstdError, DecodeError):
        logger.warning("What was kept of a run cannot be read")
        return TracesData()
