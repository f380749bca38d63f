"""`llm-tracing erase`: through the running server where one has the folder, else in the file itself."""

import http.client
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from llm_tracing.access.keyring import Keyring
from llm_tracing.client_key import key_header
from llm_tracing.comparison.keep import server_address
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, FolderInUse, LlmTracingError, NotFound
from llm_tracing.ingest.left import open_whole
from llm_tracing.receive.kept import KeptErrors
from llm_tracing.store.contract import subject_of

_TIMEOUT_S = 600.0  # the whole file is written anew
_TRACE_ID = re.compile("[0-9a-fA-F]{32}")


def erase_stored(settings: ServerSettings, what: Any, name: str, *, keys: Path, project: str) -> dict[str, int]:
    """How many rows of each are gone from the project; `keys` is the folder of the key file.

    Raises NotFound, ConfigError, StoreError.
    """
    if what == "trace" and not _TRACE_ID.fullmatch(name):
        raise ConfigError(f"{name} is no trace id.", "It has 32 hex digits.")
    try:
        store = open_whole(settings)
    except FolderInUse:
        return _asked(settings, f"/api/v1/{what}s/{quote(name, safe='')}")
    try:
        gone = store.erase(what, name)
    finally:
        store.close()
    if not any(gone):
        raise NotFound(f"Nothing is stored of this {what}.")
    KeptErrors(settings.data / "refused").clear()
    keyring = Keyring(keys)
    keyring.record("(command line)", f"erase {what}", subject_of(what, name), project)
    keyring.close()
    return gone._asdict()


def _asked(settings: ServerSettings, path: str) -> dict[str, int]:
    """What the server that has the folder answers."""
    address = server_address(settings)
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=_TIMEOUT_S)
    try:
        connection.request("DELETE", path, headers=key_header())
        answer = connection.getresponse()
        said = json.loads(answer.read(1_000_000))
        if answer.status != 200:
            raise LlmTracingError(str(said["error"]["message"]))
        return {str(key): int(value) for key, value in said.items()}
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
        raise LlmTracingError(
            f"The data folder is in use, and no server of ours answers at {address} ({error}).",
            "Name its port with --port or LLM_TRACING_PORT.",
        ) from error
    finally:
        connection.close()
