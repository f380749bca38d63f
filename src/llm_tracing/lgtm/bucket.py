"""The object place: bytes under paths in a folder or a bucket, durable when they are put; for many threads.

A place that fails is told apart from an object that is missing, since the one is an error and the other an answer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from llm_tracing.errors import BehindError, ConfigError
from llm_tracing.lgtm.objects_trouble import is_missing, one_line, trouble_of

_ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_NOT_IMPLEMENTED = "501 Not Implemented"
_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}  # senders wait meanwhile


class ObjectsError(BehindError):
    """The object place did not take or give something."""

    retry_after_s = 5

    def __init__(self, place: str, error: BaseException) -> None:
        self.trouble = trouble_of(error, place)
        super().__init__(f"The object store {place} failed: {self.trouble.said}.", self.trouble.hint)


class Listed(NamedTuple):
    """An object: its path, its size in bytes, and when it was put, in seconds since the epoch by the place's clock."""

    path: str
    size: int
    put_at: float


class Bucket:
    """`file:///folder` or `s3://bucket/folder`. Raises ConfigError for an address that is none."""

    def __init__(self, address: str) -> None:
        self.place = address
        self._folder = Path(unquote(urlsplit(address).path)) if urlsplit(address).scheme == "file" else None
        self._store = _open(address, self._folder)
        self._knows_conditions = True

    def put(self, path: str, content: bytes) -> None:
        """Durably, in place of what is there. Raises ObjectsError."""
        self._put(path, content, "overwrite")

    def put_new(self, path: str, content: bytes) -> bool:
        """Whether nothing was there and it was put. Raises ObjectsError.

        A bucket that knows no conditional puts overwrites.
        """
        from obstore.exceptions import AlreadyExistsError, NotSupportedError, PreconditionError

        if self._knows_conditions:
            try:
                self._put(path, content, "create")
            except ObjectsError as error:
                if isinstance(error.__cause__, AlreadyExistsError | PreconditionError):
                    return False
                if not isinstance(error.__cause__, NotSupportedError) and _NOT_IMPLEMENTED not in str(error.__cause__):
                    raise
                self._knows_conditions = False
            else:
                return True
        self.put(path, content)
        return True

    def get(self, path: str) -> bytes | None:
        """None if there is no such object. Raises ObjectsError."""
        import obstore

        try:
            return bytes(obstore.get(self._store, path).bytes())
        except Exception as error:  # obstore has one class per kind of failure and of store
            if is_missing(error):
                return None
            raise ObjectsError(self.place, error) from error

    def listed(self, under: str) -> list[Listed]:
        """The objects of a folder and those below, by path. Raises ObjectsError."""
        import obstore

        try:
            found = obstore.list(self._store, under).collect()
        except Exception as error:
            if is_missing(error):
                return []
            raise ObjectsError(self.place, error) from error
        return sorted(Listed(one["path"], one["size"], one["last_modified"].timestamp()) for one in found)

    def delete(self, paths: Sequence[str]) -> None:
        """Those that are there. Raises ObjectsError."""
        import obstore

        try:
            obstore.delete(self._store, list(paths))
        except FileNotFoundError:  # a folder says so of the first that is gone, and leaves the others
            for path in paths:
                with suppress(FileNotFoundError):
                    obstore.delete(self._store, path)
        except Exception as error:
            raise ObjectsError(self.place, error) from error

    def _put(self, path: str, content: bytes, mode: Any) -> None:
        import obstore

        try:
            obstore.put(self._store, path, content, mode=mode)
            if self._folder is not None:
                _on_disk(self._folder / path)
        except Exception as error:
            raise ObjectsError(self.place, error) from error


def _on_disk(path: Path) -> None:
    """A folder's object is renamed into place, and neither it nor its name is on disk yet."""
    for place, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(place, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _open(address: str, folder: Path | None) -> Any:
    try:
        from obstore.store import LocalStore, from_url
    except ImportError as error:
        raise ConfigError("The store lgtm needs obstore.", "pip install 'llm-tracing[server,lgtm]'") from error
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return LocalStore(folder, mkdir=True)
        except OSError as error:
            raise ConfigError(
                f"{folder} can't be written ({error.strerror or error}).",
                "Name another folder in LLM_TRACING_LGTM_OBJECTS.",
            ) from error
    if urlsplit(address).scheme not in ("s3", "s3a", "gs", "az"):
        raise ConfigError(
            "LLM_TRACING_LGTM_OBJECTS is no place for objects.", "Write it like s3://bucket/folder or file:///folder."
        )
    try:
        return from_url(address, client_options=_client(), retry_config=_RETRIES)
    except Exception as error:
        raise ConfigError(
            f"LLM_TRACING_LGTM_OBJECTS cannot be used ({one_line(str(error), type(error).__name__)}).",
            "Write it like s3://bucket/folder.",
        ) from error


def _client() -> Any:
    """Who names an address without TLS, such as that of a MinIO beside the server, means it."""
    named = (os.environ.get(name, "") for name in _ENDPOINTS)
    return {"connect_timeout": "3s", "timeout": "15s", "allow_http": any(one.startswith("http://") for one in named)}
