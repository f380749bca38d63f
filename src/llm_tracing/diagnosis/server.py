"""A server of ours, asked over HTTP. No proxy of the environment is used: it is meant to be near."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from llm_tracing.client_key import API_KEY, key_header
from llm_tracing.diagnosis.check import Check

TIMEOUT_S = 10.0
SKEW_S = 2.0


class ServerUnreachable(Exception):
    """Nobody answers, or not as our server does; the text says what came."""


class ServerApi:
    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def text(self, path: str) -> str:
        """The body of a 200. Raises ServerUnreachable."""
        try:
            request = urllib.request.Request(f"{self.base}{path}", headers=key_header())  # noqa: S310
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                body: bytes = answer.read()
                return body.decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            said = error.read(2_000).decode("utf-8", "replace").strip()
            key = f" Put a key with the scope read in {API_KEY}." if error.code in (401, 403) else ""
            raise ServerUnreachable(f"{path} answers {error.code}: {said[:300]}{key}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise ServerUnreachable(_in_words(reason)) from error

    def json(self, path: str) -> dict[str, Any]:
        try:
            found = json.loads(self.text(path))
        except ValueError as error:
            raise ServerUnreachable(f"{path} does not answer with JSON") from error
        if not isinstance(found, dict):
            raise ServerUnreachable(f"{path} does not answer with an object")
        return found

    def doctor(self) -> dict[str, Any]:
        return self.json("/api/v1/doctor")

    def has_trace(self, trace_id: str) -> bool:
        try:
            self.json(f"/api/v1/traces/{trace_id}?content=false")
        except ServerUnreachable:
            return False
        return True


def _in_words(reason: object) -> str:
    if isinstance(reason, http.client.BadStatusLine):
        return "it does not speak HTTP"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason)[:200]


def first_that_answers(addresses: Sequence[str]) -> ServerApi:
    """The first of these where a server says that it is alive; the first of all if none does."""
    for address in dict.fromkeys(addresses):
        api = ServerApi(address)
        try:
            if api.text("/healthz").strip() == "ok":
                return api
        except ServerUnreachable:
            continue
    return ServerApi(addresses[0])


def check_server(api: ServerApi) -> tuple[list[Check], dict[str, Any] | None]:
    """Whether the server is there, ready and on time; and its own report, None if there is none."""
    try:
        api.text("/healthz")
    except ServerUnreachable as error:
        todo = "Start it with `llm-tracing serve`, or give its address with --server or LLM_TRACING_PORT."
        return [Check("server", "error", f"No server answers at {api.base} ({error}).", todo)], None
    try:
        api.text("/readyz")
        before = time.time()
        report = api.doctor()
        after = time.time()
    except ServerUnreachable as error:
        todo = "If it is an LLM Tracing server, its log says what is wrong; a full disk or a locked folder, mostly."
        return [Check("server", "error", f"{api.base} answers, but is not ready ({error}).", todo)], None
    checks = [Check("server", "ok", f"The server at {api.base} is ready.")]
    skew = int(report["now_unix_nano"]) / 1e9 - (before + after) / 2
    if abs(skew) > SKEW_S + (after - before):
        title = f"This machine's clock is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the server's."
        checks.append(Check("server", "warning", title, "Synchronise the clocks of both machines (NTP)."))
    return checks, report


def findings_of(report: Mapping[str, Any], senders: frozenset[str] | None = None) -> list[Check]:
    """What the server found wrong with its senders, or with these of them."""
    return [
        Check("senders", one["level"], one["title"], one["todo"], one["sender"])
        for one in report["findings"]
        if senders is None or one["sender"] in senders
    ]
