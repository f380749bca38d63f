"""`llm-tracing backup`: through the running server where one has the folder, else from the file itself."""

import http.client
import json
import shutil
from contextlib import suppress
from pathlib import Path

from llm_tracing.client_key import key_header
from llm_tracing.comparison.keep import server_address
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, DiskFull, FolderInUse, FolderNotWritable, LlmTracingError
from llm_tracing.ingest.left import open_whole
from llm_tracing.store.database import FILE_NAME
from llm_tracing.store.failures import no_room
from llm_tracing.store.sync import sync_file, sync_folder

_TIMEOUT_S = 600.0  # the server copies everything before the first byte comes


def back_up(settings: ServerSettings, folder: Path) -> int:
    """A copy of all data in a new folder; its size in bytes. Raises ConfigError, StoreError."""
    target = folder / FILE_NAME
    if target.exists():
        raise ConfigError(f"{target} is there already.", "Name a new folder.")
    unfinished = target.with_name(f"{FILE_NAME}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(settings, unfinished)
        unfinished.replace(target)
        sync_folder(folder)
        return target.stat().st_size
    except OSError as error:
        if no_room(error):
            raise DiskFull(folder, error.strerror or str(error)) from error
        raise FolderNotWritable(folder, error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _copy(settings: ServerSettings, target: Path) -> None:
    if not (settings.data / FILE_NAME).exists():
        raise ConfigError(f"{settings.data} has no data.", "Name the data folder with --data or LLM_TRACING_DATA.")
    try:
        store = open_whole(settings)
    except FolderInUse:
        _fetch(settings, target)
        return
    try:
        store.copy_to(target)
    finally:
        store.close()


def _fetch(settings: ServerSettings, target: Path) -> None:
    """The copy that the server makes, into a file."""
    address = server_address(settings)
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=_TIMEOUT_S)
    try:
        connection.request("POST", "/api/v1/backup", b"{}", {"Content-Type": "application/json", **key_header()})
        answer = connection.getresponse()
        if answer.status != 200:
            raise LlmTracingError(f"{address} makes no backup ({_said(answer.read(10_000))}).")
        with target.open("wb") as file:
            shutil.copyfileobj(answer, file, 1024 * 1024)
            size = file.tell()
        if size != int(answer.headers.get("Content-Length", -1)):
            raise LlmTracingError(f"{address} stopped in the middle of the backup.", "Try again.")
        sync_file(target)
    except (ConnectionError, TimeoutError, http.client.HTTPException) as error:
        raise LlmTracingError(
            f"The data folder is in use, and no server answers at {address} ({error}).",
            "Name its port with --port or LLM_TRACING_PORT.",
        ) from error
    finally:
        connection.close()


def _said(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return body[:200].decode("utf-8", "replace")
