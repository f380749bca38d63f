"""OTLP over HTTP, from the sender's side.

Source: OpenTelemetry protocol specification, "OTLP/HTTP Response".
"""

import gzip
import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from llm_tracing.exchange.replay.answers import Answer, one_line, retry_delay, taken
from llm_tracing.exchange.replay.target import Target
from llm_tracing.receive.decode import PROTOBUF, Signal
from llm_tracing.version import __version__

_RESPONSES: dict[Signal, type[Message]] = {
    "traces": ExportTraceServiceResponse,
    "logs": ExportLogsServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}
_LATER = frozenset({429, 502, 503, 504})
_WRONG = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 406, 407, 411, 415, 421, 501, 505})
_TIMEOUT = urllib3.Timeout(connect=10, read=60)
_MOST_READ = 64 * 1024  # of an answer


class HttpSender:
    """`through_proxy` is whether a proxy that the environment names is used."""

    def __init__(
        self,
        target: Target,
        *,
        timeout: urllib3.Timeout = _TIMEOUT,
        agent: str = "llm-tracing-replay",
        through_proxy: bool = True,
    ) -> None:
        self._target = target
        self._timeout = timeout
        self._headers = {
            "Content-Type": PROTOBUF,
            "Content-Encoding": "gzip",
            "User-Agent": f"{agent}/{__version__}",
            **target.headers,
        }
        self._pool = _pool(target, through_proxy)

    def send(self, signal: Signal, request: Message) -> Answer:
        body = gzip.compress(request.SerializeToString(), 3, mtime=0)
        try:
            answer = self._pool.request(
                "POST",
                f"{self._target.endpoint}/v1/{signal}",
                body=body,
                headers=self._headers,
                retries=False,
                redirect=False,
                timeout=self._timeout,
                preload_content=False,
            )
            content = answer.read(_MOST_READ)
            answer.drain_conn() if len(content) < _MOST_READ else answer.close()
            answer.release_conn()
        except urllib3.exceptions.SSLError as error:
            return Answer("wrong", f"no TLS connection ({error})")
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer("later", f"no answer ({_reason(error)})")
        return _read(signal, answer.status, answer.headers, content)

    def close(self) -> None:
        self._pool.clear()


def _pool(target: Target, through_proxy: bool) -> urllib3.PoolManager:
    parts = urlsplit(target.endpoint)
    proxy = getproxies().get(parts.scheme) if through_proxy else None
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, ca_certs=target.certificate)
    return urllib3.PoolManager(ca_certs=target.certificate)


def _reason(error: Exception) -> str:
    return str(error).rpartition("object at")[2].partition(": ")[2] or str(error) or type(error).__name__


def _read(signal: Signal, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    if 200 <= status < 300:
        return _success(signal, headers, content)
    told, wait = _words(headers, content)
    said = f"status {status}{': ' if told else ''}{told}"
    if status in _LATER:
        after = _retry_after(headers.get("Retry-After"))
        return Answer("later", said, wait_s=wait if after is None else after, status=status)
    if status == 413:
        return Answer("too_large", said, status=status)
    return Answer("wrong" if status in _WRONG else "refused", said, status=status)


def _success(signal: Signal, headers: Mapping[str, str], content: bytes) -> Answer:
    """An answer with a body that is not OTLP's is not from who was meant: a page of a proxy or of another service."""
    if not content:
        return Answer("taken")
    media = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media == "application/json":
        try:
            partial = json.loads(content).get("partialSuccess") or {}
            count = next((int(value) for name, value in partial.items() if name.startswith("rejected")), 0)
            return Answer("taken", str(partial.get("errorMessage", "")), max(0, count))
        except (ValueError, AttributeError, TypeError):
            return Answer("wrong", "status 200, but the answer is not OTLP's")
    found = _RESPONSES[signal]()
    try:
        if media.startswith("text/"):
            raise DecodeError
        found.ParseFromString(content)
    except DecodeError:
        return Answer("wrong", f"status 200 with {media or 'something'} that is not OTLP's answer")
    return taken(found)


def _words(headers: Mapping[str, str], content: bytes) -> tuple[str, float | None]:
    """The words of a refusal and its RetryInfo: google.rpc.Status in either encoding, or plain text."""
    media = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    status = Status()
    if media in (PROTOBUF, "application/octet-stream", ""):
        try:
            status.ParseFromString(content)
            return one_line(status.message), retry_delay(status)
        except DecodeError:
            pass
    if media == "application/json":
        try:
            return one_line(str(json.loads(content)["message"])), None
        except (ValueError, KeyError, TypeError):
            pass
    return one_line(content.decode("utf-8", "replace")), None


def _retry_after(value: str | None) -> float | None:
    """Seconds, or a date of HTTP."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
