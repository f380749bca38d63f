"""Where a comparison is kept: by the server that runs, which then shows it, or in the data folder for the next one."""

import http.client
from dataclasses import dataclass

from llm_tracing.api.schema_progress import Progress
from llm_tracing.client_key import key_header
from llm_tracing.config import ServerSettings
from llm_tracing.store.progress import FILE_NAME, write_progress

_TIMEOUT_S = 10.0
# An address that means every interface is listened on, and asked at loopback.
_LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound here


@dataclass(frozen=True, slots=True)
class Kept:
    """`page` is where a server shows it; without one, the file that the next server will show."""

    page: str | None
    file: str | None


def server_address(settings: ServerSettings) -> str:
    host = _LOOPBACK_OF.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def keep(progress: Progress, settings: ServerSettings) -> Kept:
    """Raises FolderNotWritable where no server takes it and the folder cannot."""
    content = progress.model_dump_json().encode()
    if settings.port and _taken(content, settings):
        return Kept(f"{server_address(settings)}/progress", None)
    write_progress(settings.data, content)
    return Kept(None, str(settings.data / FILE_NAME))


def _taken(content: bytes, settings: ServerSettings) -> bool:
    """Whether a server of ours took it; anything else at that port (a collector has 4318 too) did not."""
    host = _LOOPBACK_OF.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=_TIMEOUT_S)
    try:
        connection.request("POST", "/api/v1/progress", content, {"Content-Type": "application/json", **key_header()})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return answer.status == 204
