"""One HTTP client for Tempo, Loki and Prometheus: address, tenant, headers, time-outs, and every way that it can fail.

No redirect is followed and no proxy of the environment is used: what is asked is named by a setting. What a backend
answers is read up to a bound and within a time, however slowly it drips.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson
import urllib3

from llm_tracing.errors import BackendError, BackendReason, QueryCancelled
from llm_tracing.store.cancelling import current

BackendName = Literal["Tempo", "Loki", "Prometheus"]
Parameters = Sequence[tuple[str, str | int]]

MAX_ANSWER = 128 * 1024 * 1024  # bytes of one answer
TENANT_HEADER = "X-Scope-OrgID"
_PART = 256 * 1024
_CONNECT_S = 3.0
_WORDS = 300  # of what a backend said
_CONNECTIONS = 16
_PAUSES_S = (0.2, 1.0)  # before a question is asked again that was refused for the moment
_PASSING: frozenset[BackendReason] = frozenset({"busy", "broken"})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backend is and how it is spoken to; `setting` is the name of the one that holds its address.

    `headers` may hold credentials: they are in no text that this module makes.
    """

    name: BackendName
    url: str
    setting: str
    tenant: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 15.0

    @property
    def shown(self) -> str:
        """The address without user and password."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class Answer(NamedTuple):
    """A successful answer (2xx)."""

    status: int
    content_type: str
    body: bytes


@dataclass(slots=True)
class State:
    """How a backend did of late. Times are of time.time(), 0 for never; `trouble` is None once it answers again."""

    answered_at: float = 0.0
    failed_at: float = 0.0
    trouble: BackendError | None = None


class Patience:
    """How long may be waited for all that one question asks of the backends."""

    def __init__(self, seconds: float) -> None:
        self.since = time.time()
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, never below 0. Raises QueryCancelled when nobody waits for the answer any more."""
        cancellation = current.get()
        if cancellation is not None and cancellation.cancelled:
            raise QueryCancelled
        return max(0.0, self._until - time.monotonic())

    def at_most(self, seconds: float) -> Patience:
        """For something that is not worth all of it."""
        return Patience(min(seconds, self.left()))

    @property
    def over(self) -> bool:
        return self.left() <= 0


class Backend:
    """Safe for many threads."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.state = State()
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=_CONNECTIONS, retries=False)
        self._base = target.url.rstrip("/")
        self._headers = {
            "Accept-Encoding": "gzip",
            "User-Agent": "llm-tracing",
            **target.headers,
            **({TENANT_HEADER: target.tenant} if target.tenant else {}),
        }

    def get(
        self,
        path: str,
        parameters: Parameters = (),
        *,
        patience: Patience,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask, once more where that may help. Raises BackendError for every answer that is not a 2xx, and for none."""
        sent = {**self._headers, "Accept": accept, **(headers or {})}
        for pause in (*_PAUSES_S, None):
            try:
                answer = self._ask(path, parameters, patience, sent)
                break
            except BackendError as error:
                if pause is None or error.reason not in _PASSING or patience.left() < 2 * pause:
                    if not self.ran_out(error, patience):
                        self.note(error)
                    raise
                time.sleep(pause)
        self.state.answered_at, self.state.trouble = time.time(), None
        return answer

    def json(
        self,
        path: str,
        parameters: Parameters = (),
        *,
        patience: Patience,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object that it answers. Raises BackendError."""
        answer = self.get(path, parameters, patience=patience, headers=headers)
        try:
            tree = orjson.loads(answer.body)
        except ValueError:
            tree = None
        if not isinstance(tree, dict):
            raise self.unreadable(answer)
        return tree

    def ran_out(self, error: BackendError, patience: Patience) -> bool:
        """Whether only the patience ended: the backend has answered within it, there was more to ask than it lasts."""
        return error.reason == "slow" and self.state.answered_at >= patience.since

    def unreadable(self, answer: Answer) -> BackendError:
        """For an answer that should have been something else, noted as the backend's trouble."""
        told = one_line(answer.body)
        html = "html" in answer.content_type or told[:1] == "<"
        said = (
            f"answered {answer.status} with {'a web page' if html else answer.content_type or 'something unreadable'}"
        )
        error = self._error("address" if html else "unreadable", f"{said}: {told[:80]}")
        self.note(error)
        return error

    def note(self, error: BackendError) -> None:
        """A refused request is the fault of who asked; everything else is a trouble of the backend."""
        if error.reason != "refused":
            self.state.failed_at, self.state.trouble = time.time(), error

    def close(self) -> None:
        self._pool.clear()

    def _ask(self, path: str, parameters: Parameters, patience: Patience, headers: Mapping[str, str]) -> Answer:
        limit = min(self.target.timeout_s, patience.left())
        if limit <= 0:
            raise self._slow(self.target.timeout_s)
        url = f"{self._base}{path}{'?' if parameters else ''}{urlencode(list(parameters))}"
        until = time.monotonic() + limit
        timeout = urllib3.Timeout(connect=min(limit, _CONNECT_S), read=limit)
        response = None
        try:
            response = self._pool.request(
                "GET", url, headers=headers, timeout=timeout, redirect=False, preload_content=False
            )
            body = self._body(response, until, limit)
        except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError) as error:
            raise self._error("down", f"no connection ({_reason(error)})") from error
        except urllib3.exceptions.TimeoutError as error:
            raise self._slow(limit) from error
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._error("broken", f"no answer ({_reason(error)})") from error
        finally:
            if response is not None:
                response.release_conn()
        content_type = response.headers.get("Content-Type", "").lower()
        answer = Answer(response.status, content_type, body)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer)
        return answer

    def _body(self, response: urllib3.BaseHTTPResponse, until: float, limit: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(_PART, decode_content=True):  # `stream` would wait until a whole part is there
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER:
                response.close()
                raise self._error("unreadable", f"an answer of more than {MAX_ANSWER:,} bytes")
            if time.monotonic() > until:
                response.close()
                raise self._slow(limit)
        return b"".join(parts)

    def _slow(self, limit: float) -> BackendError:
        return self._error("slow", f"no answer within {limit:.3g} s")

    def _refusal(self, answer: Answer) -> BackendError:
        said = one_line(answer.body)
        html = "html" in answer.content_type or said[:1] == "<"
        return self._error(
            _reason_of(answer.status, said, html=html),
            f"answered {answer.status}" + (f" ({'a web page' if html else said})" if said else ""),
        )

    def _error(self, reason: BackendReason, said: str) -> BackendError:
        return BackendError(self.target.name, self.target.shown, reason, said, self._hint(reason))

    def _hint(self, reason: BackendReason) -> str:
        setting = self.target.setting
        prefix = setting.removesuffix("_URL")
        return {
            "down": f"Start {self.target.name}, or name the right address in {setting}.",
            "broken": f"Look at the log of {self.target.name}, and at what is between here and there.",
            "slow": "Narrow the time range or the filter, or raise LLM_TRACING_QUERY_TIMEOUT.",
            "busy": f"Ask again later, or raise the limits of {self.target.name}.",
            "failing": f"Look at the log of {self.target.name}.",
            "tenant": f"Set {prefix}_TENANT to the tenant that holds the data.",
            "access": f"Set {prefix}_HEADERS to what it wants, such as Authorization, and look at {prefix}_TENANT.",
            "address": f"Name {self.target.name} itself in {setting}: {_LIKE[self.target.name]}.",
            "refused": f"Narrow the time range or the filter, or raise the limits of {self.target.name}.",
            "unreadable": f"Look whether {setting} names {self.target.name} itself, and its version.",
        }[reason]


_LIKE: dict[BackendName, str] = {
    "Tempo": "its query frontend, such as http://tempo:3200",
    "Loki": "its gateway or query frontend, such as http://loki:3100",
    "Prometheus": "such as http://prometheus:9090, and Mimir with its /prometheus at the end",
}


def _reason_of(status: int, said: str, *, html: bool) -> BackendReason:
    if status == 401 and "no org id" in said:
        return "tenant"
    if status in (401, 403):
        return "access"
    if status == 429 or (status == 503 and not html):
        return "busy"
    if status == 504:
        return "slow"
    if status >= 500:
        return "failing"
    if html or status in (301, 302, 303, 307, 308, 404, 405):
        return "address"
    return "refused"


def _reason(error: BaseException) -> str:
    """Why a connection failed, without urllib3's own objects in the text."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def one_line(body: bytes) -> str:
    """What a backend said, fit for a terminal and a page: one line, no control characters, not too long."""
    text = body[:2_000].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))[:_WORDS]
