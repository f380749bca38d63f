"""`llm-tracing export` and `import`: files from a running server and into it, streamed over HTTP."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO
from urllib.parse import urlencode

from llm_tracing.client_key import key_header
from llm_tracing.errors import LlmTracingError

_PART = 256 * 1024
_TIMEOUT_S = 600.0  # without a byte: a Parquet file of a long list is made before its first byte comes
# Never through a proxy of the environment: what is asked is one's own server.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NoServer(LlmTracingError):
    def __init__(self, address: str, reason: object) -> None:
        super().__init__(
            f"No server answers at {address} ({reason}).",
            "Start one with llm-tracing serve, or name another with --to or --from.",
        )


class Refused(LlmTracingError):
    """The server said no; the words are its own."""


@contextmanager
def asked(request: urllib.request.Request, address: str) -> Iterator[Any]:
    """The answer. Raises NoServer, Refused."""
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        raise _refused(error) from error
    except (urllib.error.URLError, OSError) as error:
        raise NoServer(address, getattr(error, "reason", error)) from error


def _refused(error: urllib.error.HTTPError) -> Refused:
    try:
        said = json.loads(error.read(100_000))["error"]
        return Refused(str(said["message"]), said["hint"])
    except (ValueError, KeyError, TypeError):
        return Refused(f"The server answered with status {error.code}.", "Is it a server of LLM Tracing?")


def export(address: str, what: str, parameters: dict[str, str], target: BinaryIO | IO[bytes]) -> int:
    """Write an export of `traces`, `spans`, `logs`, `metrics` or a trace's id to a file; how many bytes it has."""
    path = f"{what}/export" if what in ("traces", "spans", "logs", "metrics") else f"traces/{what}/export"
    query = urlencode({name: value for name, value in parameters.items() if value})
    size = 0
    request = urllib.request.Request(f"{address}/api/v1/{path}?{query}", headers=key_header())  # noqa: S310 - http
    with asked(request, address) as answer:
        while part := answer.read(_PART):
            target.write(part)
            size += len(part)
    return size


def send(address: str, source: BinaryIO | IO[bytes]) -> dict[str, Any]:
    """Send a file; what the server says became of it."""
    request = urllib.request.Request(  # noqa: S310 - http
        f"{address}/api/v1/import",
        data=_parts(source),
        method="POST",
        headers={"Content-Type": "application/octet-stream", **key_header()},
    )
    with asked(request, address) as answer:
        report: dict[str, Any] = json.loads(answer.read())
        return report


def _parts(source: BinaryIO | IO[bytes]) -> Iterator[bytes]:
    while part := source.read(_PART):
        yield part


def told(name: str, report: dict[str, Any], say: Callable[[str], None], problem: Callable[[str], None]) -> bool:
    """Say what became of a file; whether all of it was understood."""
    counts = [
        f"{report[field]:,} {words}"
        for field, words in (("spans", "spans"), ("log_records", "log records"), ("data_points", "data points"))
        if report[field]
    ]
    say(f"{name}: {', '.join(counts) or 'nothing'} of {report['lines']:,} lines")
    for error in report["errors"]:
        problem(f"{name}:{error['line']}: {error['message']}")
    if report["error_count"] > len(report["errors"]):
        problem(f"{name}: and {report['error_count'] - len(report['errors']):,} more")
    return int(report["error_count"]) == 0
