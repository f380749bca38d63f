"""Every way in which a backend can fail is told apart, and says what to set."""

import socket
from collections.abc import Iterator

import pytest

from llm_tracing.errors import BackendError, QueryCancelled
from llm_tracing.lgtm.backend import Backend, Patience, Target
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.store.cancelling import Cancellation, current
from tests.lgtm.replaying import Replay, answer_of, recording, replaying


@pytest.fixture
def replay() -> Iterator[Replay]:
    with replaying(Replay()) as running:
        yield running


def backend(url: str, timeout_s: float = 5.0, tenant: str | None = None) -> Backend:
    secret = {"Authorization": "Bearer very-secret"}
    return Backend(Target("Tempo", url, "LLM_TRACING_TEMPO_URL", tenant, secret, timeout_s))


def failure(asked: Backend, patience_s: float = 10.0) -> BackendError:
    with pytest.raises(BackendError) as raised:
        asked.json("/api/search", [("q", "{}")], patience=Patience(patience_s))
    assert raised.value.backend == "Tempo"
    assert "very-secret" not in raised.value.line()
    assert raised.value.hint
    return raised.value


@pytest.mark.parametrize(
    ("answer", "reason", "status", "said"),
    [
        ((429, "text/plain", b"too many requests\n"), "busy", 502, "answered 429 (too many requests)"),
        ((503, "text/plain", b"shutting down"), "busy", 502, "answered 503 (shutting down)"),
        ((500, "text/plain", b"boom\x00\nat line 2"), "failing", 502, "answered 500 (boom  at line 2)"),
        ((504, "text/plain", b""), "slow", 504, "answered 504"),
        ((401, "application/json", b"{}"), "access", 502, "answered 401 ({})"),
        ((403, "text/html", b"<html>no</html>"), "access", 502, "answered 403 (a web page)"),
        ((404, "text/plain", b"404 page not found"), "address", 502, "answered 404 (404 page not found)"),
        ((302, "text/html", b""), "address", 502, "answered 302"),
        ((502, "text/html", b"<html>"), "failing", 502, "answered 502 (a web page)"),
    ],
)
def test_a_refusal_is_told_with_its_reason(
    replay: Replay, answer: tuple[int, str, bytes], reason: str, status: int, said: str
) -> None:
    replay.trouble = answer
    error = failure(backend(replay.url))
    assert (error.reason, error.status, error.said) == (reason, status, said)


@pytest.mark.parametrize(
    "name",
    [
        "tempo-3.0.3-multitenant/001-err-no-org-id-search",
        "loki-3.7.6-multitenant/001-err-no-org-id-query",
        "cortex-1.21.1-multitenant/001-err-no-org-id-query",
    ],
)
def test_a_missing_tenant_names_its_setting(replay: Replay, name: str) -> None:
    replay.trouble = answer_of(recording(name))
    error = failure(backend(replay.url))
    assert error.reason == "tenant"
    assert "LLM_TRACING_TEMPO_TENANT" in (error.hint or "")


@pytest.mark.parametrize(
    "name", ["043-err-search-bad-traceql", "049-err-search-range-too-long", "050-err-search-start-after-end"]
)
def test_a_request_that_tempo_refuses_is_no_trouble_of_tempo(replay: Replay, name: str) -> None:
    replay.trouble = answer_of(recording(f"tempo-3.0.3/{name}"))
    asked = backend(replay.url)
    error = failure(asked)
    assert error.reason == "refused"
    assert error.said.startswith("answered 400 (")
    assert asked.state.trouble is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, "text/html; charset=utf-8", b"<!doctype html><title>Login</title>"), "address"),
        ((200, "application/json", b'{"traces": ['), "unreadable"),
        ((200, "application/json", b"[1]"), "unreadable"),
        ((200, "application/json", b""), "unreadable"),
    ],
)
def test_an_answer_that_is_none_is_told(replay: Replay, answer: tuple[int, str, bytes], reason: str) -> None:
    replay.trouble = answer
    asked = backend(replay.url)
    assert failure(asked).reason == reason
    assert asked.state.trouble is not None


def test_nobody_there(replay: Replay) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = failure(backend(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert (error.reason, error.said) == ("down", "no connection (Connection refused)")
    assert "LLM_TRACING_TEMPO_URL" in (error.hint or "")


def test_a_name_that_nobody_knows() -> None:
    error = failure(backend("http://tempo.invalid:3200"))
    assert error.reason == "down"


def test_no_answer_in_time(replay: Replay) -> None:
    replay.delay_s = 1.0
    error = failure(backend(replay.url, timeout_s=0.2))
    assert (error.reason, error.status) == ("slow", 504)


def test_an_answer_that_drips_does_not_hold_for_ever(replay: Replay) -> None:
    replay.answers["/api/search"] = (200, "application/json", b'{"traces": []}' + b" " * 400)
    replay.drip_s = 0.02
    assert failure(backend(replay.url, timeout_s=0.3)).reason == "slow"


def test_an_answer_that_breaks_off_is_no_answer(replay: Replay) -> None:
    replay.answers["/api/search"] = (200, "application/json", b'{"traces": []}')
    replay.cut = 5
    error = failure(backend(replay.url))
    assert error.reason == "broken"
    assert error.said.startswith("no answer (")
    assert len(replay.asked) == 3


def test_a_backend_that_is_busy_for_a_moment_is_asked_again(replay: Replay) -> None:
    answers = iter([(429, "text/plain", b"busy"), (503, "text/plain", b"starting"), (200, "application/json", b"{}")])
    replay.answers["/api/search"] = lambda _: next(answers)
    asked = backend(replay.url)
    assert asked.json("/api/search", patience=Patience(5)) == {}
    assert asked.state.trouble is None


def test_a_backend_that_fails_is_asked_once(replay: Replay) -> None:
    replay.trouble = (500, "text/plain", b"boom")
    failure(backend(replay.url))
    assert len(replay.asked) == 1


def test_no_patience_left_asks_nothing(replay: Replay) -> None:
    assert failure(backend(replay.url), patience_s=0).reason == "slow"
    assert replay.asked == []


def test_a_question_that_nobody_waits_for_is_not_asked(replay: Replay) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    token = current.set(cancellation)
    try:
        with pytest.raises(QueryCancelled):
            backend(replay.url).json("/api/search", patience=Patience(5))
    finally:
        current.reset(token)
    assert replay.asked == []


def test_tenant_and_headers_are_sent_and_the_state_recovers(replay: Replay) -> None:
    asked = backend(replay.url, tenant="a|b")
    replay.trouble = (500, "text/plain", b"boom")
    error = failure(asked)
    troubles = [asked.state.trouble]
    replay.trouble = (200, "application/json", b"{}")
    assert asked.json("/api/search", patience=Patience(5)) == {}
    troubles.append(asked.state.trouble)
    assert troubles == [error, None]
    assert replay.asked[-1].headers["X-Scope-OrgID"] == "a|b"
    assert replay.asked[-1].headers["Authorization"] == "Bearer very-secret"


def test_an_address_with_a_password_is_shown_without() -> None:
    assert Target("Loki", "http://me:word@loki:3100/x", "LLM_TRACING_LOKI_URL").shown == "http://loki:3100/x"


def test_a_path_of_the_address_is_kept(replay: Replay) -> None:
    replay.answers["/prometheus/api/search"] = (200, "application/json", b"{}")
    Tempo(backend(f"{replay.url}/prometheus/")).check(Patience(5))
    assert replay.asked[0].path == "/prometheus/api/search"
