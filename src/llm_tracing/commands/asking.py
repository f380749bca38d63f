"""`llm-tracing ask`: a question to the reference service from the shell, and what the server shows of it.

Answer, SQL and rows are the service's; tokens, cost and link are the server's, read by the trace's id. Where no service
answers, one is started for this question alone.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from llm_tracing.api import schema
from llm_tracing.client_key import API_KEY, key_header
from llm_tracing.comparison.reference_service import ReferenceService
from llm_tracing.errors import ConfigError
from llm_tracing.qa.errors import QaError
from llm_tracing.qa.settings import load_settings
from llm_tracing.qa.shapes import AnswerReply

WAIT_S = 10.0  # how long the trace is waited for: a service sends what it has seen every five seconds
_ASK_S = 120.0
_READ_S = 5.0
_AGAIN_S = 0.3


class Asked(BaseModel):
    """What `--json` prints. Of the server: `tokens`, `cost_usd`, `trace_url`; null with the reason in `not_shown`."""

    model_config = ConfigDict(protected_namespaces=())

    question: str
    answer: str
    sql: str | None
    columns: list[str]
    rows: list[list[Any]]
    row_count: int
    truncated: bool
    model: str
    duration_ms: float
    error: str | None
    tokens: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: str | None
    trace_id: str | None
    trace_url: str | None
    not_shown: str | None
    started_service: bool


def service_address(port: int | None) -> str:
    """Where the reference service is by flag or environment. Raises ConfigError."""
    given = {} if port is None else {"port": port}
    try:
        settings = load_settings(**given)
    except QaError as error:
        raise ConfigError(error.message, error.hint) from error
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - asked, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def ask(question: str, qa: str, server: str, data: Path, tell: Callable[[str], None] = lambda _: None) -> Asked:
    """Raises ConfigError with what the service said if it did not answer the question."""
    with _service(qa, server, data, tell) as (url, started):
        reply = _answer(url, question)
    # One that was started for this has ended, and so has sent everything.
    tell("Waiting for its trace")
    trace, reason = _trace(server, reply)
    return Asked(
        question=reply.question,
        answer=reply.answer,
        sql=reply.sql,
        columns=reply.columns,
        rows=reply.rows,
        row_count=reply.row_count,
        truncated=reply.truncated,
        model=reply.model,
        duration_ms=reply.duration_ms,
        error=reply.error.message if reply.error else None,
        tokens=trace and trace.usage.total_tokens,
        input_tokens=trace and trace.usage.input_tokens,
        output_tokens=trace and trace.usage.output_tokens,
        cost_usd=trace and trace.cost.total_usd,
        trace_id=reply.trace_id,
        trace_url=f"{server}/traces/{reply.trace_id}" if trace else None,
        not_shown=reason,
        started_service=started,
    )


@contextmanager
def _service(qa: str, server: str, data: Path, tell: Callable[[str], None]) -> Iterator[tuple[str, bool]]:
    """The address of the service that runs, or of one started for this, and which it is."""
    if _healthy(qa):
        yield qa, False
        return
    tell(f"Nothing answers at {qa}: starting the service for this question")
    service = ReferenceService(server, data, 0, quiet=True)
    try:
        yield service.wait_ready(), True
    finally:
        service.stop()


def _healthy(qa: str) -> bool:
    """Whether the reference service answers. Raises ConfigError if something else does."""
    try:
        status, body = _get(f"{qa}/healthz", _READ_S)
    except ConnectionRefusedError:
        return False
    except (OSError, http.client.HTTPException) as error:
        raise _not_ours(qa) from error
    if status != 200 or _json(body) != {"status": "ok"}:
        raise _not_ours(qa)
    return True


def _answer(url: str, question: str) -> AnswerReply:
    try:
        status, body = _get(f"{url}/ask?{urlencode({'question': question})}", _ASK_S)
    except (OSError, http.client.HTTPException) as error:
        raise ConfigError(f"The service at {url} gave no answer ({error}).", "Its log may say why.") from error
    told = _json(body)
    if status != 200:
        problem = told.get("error") if isinstance(told, dict) else None
        if not isinstance(problem, dict):
            raise ConfigError(f"The service at {url} answered with status {status}.", "Its log may say why.")
        raise ConfigError(str(problem.get("message")), str(problem.get("hint") or "") or None)
    try:
        return AnswerReply.model_validate(told)
    except ValidationError as error:
        raise _not_ours(url) from error


def _trace(server: str, reply: AnswerReply) -> tuple[schema.TraceSummary | None, str | None]:
    """The trace once all that the model counted is in it, or as it is when the time is over; else why there is none."""
    if reply.trace_id is None:
        return None, "the service is not traced, or not by trace ids"
    wanted = reply.usage.total_tokens if reply.usage else None
    found: schema.TraceSummary | None = None
    ends = time.monotonic() + WAIT_S
    while True:
        try:
            status, body = _get(f"{server}/api/v1/traces/{reply.trace_id}?content=false", _READ_S)
            if status in (401, 403):
                return None, f"the server at {server} wants a key with the scope read; put it in {API_KEY}"
            if status == 200:
                found = schema.TraceDetail.model_validate(_json(body)).trace
        except (OSError, http.client.HTTPException):
            return None, f"no server answers at {server}; `llm-tracing serve` starts one"
        except ValidationError:
            return None, f"what answers at {server} is no LLM Tracing server of this version"
        if found and (wanted is None or found.usage.total_tokens == wanted):
            return found, None
        if time.monotonic() > ends:
            return found, None if found else f"its trace has not arrived at {server}"
        time.sleep(_AGAIN_S)


def _get(url: str, timeout_s: float) -> tuple[int, bytes]:
    """Straight to the address, whatever proxies the environment names."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=key_header())
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _not_ours(address: str) -> ConfigError:
    return ConfigError(
        f"What answers at {address} is not the reference service.",
        "Name the service's port with --qa-port or LLM_TRACING_QA_PORT.",
    )
