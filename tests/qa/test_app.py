"""The service over real HTTP, with an endpoint that says what the test gave it."""

import logging
from pathlib import Path

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from starlette.types import Message, Receive, Scope, Send

from llm_tracing.qa.app import create_app
from llm_tracing.qa.local_server import serving
from llm_tracing.qa.settings import QaSettings
from tests.qa.conftest import Service
from tests.qa.scripted import Failure, scripted_endpoint

COUNT = "SELECT COUNT(*) AS n FROM Employee"
FIELDS = {
    "question", "answer", "sql", "columns", "rows", "row_count", "truncated", "refused", "error", "attempts",
    "trace_id", "trace_url", "model", "usage", "duration_ms",
}  # fmt: skip


def scripted(settings: QaSettings, base_url: str, **changes: object) -> QaSettings:
    return settings.model_copy(update={"model": "scripted", "base_url": base_url, **changes})


def test_a_question_is_answered_by_get_and_by_post_alike(service: Service, settings: QaSettings) -> None:
    with scripted_endpoint(COUNT, "There are 8.", COUNT, "There are 8.") as model:
        client = service(scripted(settings, model.base_url))
        got = client.get("/ask", params={"question": " How many employees? "})
        posted = client.post("/ask", json={"question": "How many employees?"})
    assert (got.status_code, posted.status_code) == (200, 200)
    body = got.json()
    assert set(body) == FIELDS
    assert body.pop("duration_ms") > 0
    assert body == {
        "question": "How many employees?",
        "answer": "There are 8.",
        "sql": COUNT,
        "columns": ["n"],
        "rows": [[8]],
        "row_count": 1,
        "truncated": False,
        "refused": None,
        "error": None,
        "attempts": [],
        "trace_id": None,
        "trace_url": None,
        "model": "scripted",
        "usage": {"input_tokens": 200, "output_tokens": 20, "total_tokens": 220},
    }
    assert {**posted.json(), "duration_ms": 0} == {**got.json(), "duration_ms": 0}


@pytest.mark.parametrize(
    ("question", "code"),
    [("", "empty_question"), (" \n\t", "empty_question"), ("x" * 2001, "question_too_long")],
)
def test_a_bad_question_is_a_422_and_costs_no_call(
    service: Service, settings: QaSettings, question: str, code: str
) -> None:
    with scripted_endpoint(COUNT) as model:
        client = service(scripted(settings, model.base_url))
        for response in (
            client.get("/ask", params={"question": question}),
            client.post("/ask", json={"question": question}),
        ):
            assert response.status_code == 422
            error = response.json()["error"]
            assert (set(error), error["code"]) == ({"code", "message", "hint"}, code)
        assert client.get("/ask").json()["error"]["code"] == "empty_question"
        assert model.requests == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"question": 5}',
        b'{"question": null}',
        b"{}",
        b"\xff\xfe",
        b'{"question": "\\ud800"}',
    ],
)
def test_a_malformed_body_is_a_422_in_the_one_error_shape(
    service: Service, settings: QaSettings, content: bytes
) -> None:
    client = service(scripted(settings, "http://127.0.0.1:1/v1"))
    response = client.post("/ask", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "bad_input"


def test_other_bad_requests_have_the_same_shape(service: Service, settings: QaSettings) -> None:
    client = service(scripted(settings, "http://127.0.0.1:1/v1"))
    for response, status, code in (
        (client.get("/nowhere"), 404, "not_found"),
        (client.delete("/ask"), 405, "method_not_allowed"),
        (client.post("/ask", content=b"x" * 100_001), 413, "body_too_large"),
        (client.post("/ask", content=iter([b"x" * 60_000] * 2)), 413, "body_too_large"),
        (client.get("/ask", params={"question": "x", "session_id": "s" * 201}), 422, "bad_input"),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_a_refused_statement_is_an_honest_200(service: Service, settings: QaSettings) -> None:
    with scripted_endpoint("DROP TABLE Employee") as model:
        response = service(scripted(settings, model.base_url)).get("/ask", params={"question": "Drop it"})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == FIELDS
    assert body["refused"] == "Only a SELECT may run, this is DROP."
    assert body["error"]["code"] == "statement_refused"
    assert "refused" in body["answer"]
    assert [attempt["sql"] for attempt in body["attempts"]] == ["DROP TABLE Employee"] * 2
    assert (body["columns"], body["rows"], body["row_count"]) == ([], [], 0)


def test_a_statement_over_the_time_limit_is_an_honest_200(service: Service, settings: QaSettings) -> None:
    bomb = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c"
    with scripted_endpoint(bomb) as model:
        client = service(scripted(settings, model.base_url, time_limit=0.2))
        body = client.get("/ask", params={"question": "Count for ever"}).json()
    assert body["error"]["code"] == "statement_failed"
    assert body["refused"] is None
    assert "longer than 0.2 s" in body["answer"]


def test_a_failing_model_is_a_502_and_a_slow_one_a_504(service: Service, settings: QaSettings) -> None:
    with scripted_endpoint(Failure(400, "no such model")) as broken, scripted_endpoint(Failure(delay_s=1)) as slow:
        failed = service(scripted(settings, broken.base_url)).get("/ask", params={"question": "x"})
        late = service(scripted(settings, slow.base_url, model_timeout=0.2)).get("/ask", params={"question": "x"})
    assert (failed.status_code, failed.json()["error"]["code"]) == (502, "model_failed")
    assert "no such model" in failed.json()["error"]["message"]
    assert (late.status_code, late.json()["error"]["code"]) == (504, "model_timeout")


def test_the_die_gives_a_number_a_span_and_a_log_line(
    service: Service, settings: QaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    client = service(scripted(settings, "http://127.0.0.1:1/v1"))
    with caplog.at_level(logging.INFO, "llm_tracing.qa.dice"):
        rolls = {client.get("/rolldice", params={"player": "Ada"}).json() for _ in range(60)}
        client.get("/rolldice")
    assert rolls <= {1, 2, 3, 4, 5, 6}
    assert len(rolls) > 3
    assert caplog.messages[0].startswith("Ada rolled ")
    assert caplog.messages[-1].startswith("An anonymous player rolled ")


def test_the_service_is_alive(service: Service, settings: QaSettings) -> None:
    response = service(scripted(settings, "http://127.0.0.1:1/v1")).get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_another_host_name_is_refused(service: Service, settings: QaSettings) -> None:
    client = service(scripted(settings, "http://127.0.0.1:1/v1"))
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"host": "localhost:8080"}).status_code == 200


def test_every_response_has_the_security_headers_and_no_open_cors(service: Service, settings: QaSettings) -> None:
    client = service(scripted(settings, "http://127.0.0.1:1/v1"))
    for path in ("/", "/static/app.js", "/healthz", "/nowhere", "/ask"):
        response = client.get(path, headers={"origin": "http://evil.example"})
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers


def test_the_page_and_its_parts_are_served_and_ask_nobody_else(service: Service, settings: QaSettings) -> None:
    client = service(scripted(settings, "http://127.0.0.1:1/v1"))
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    static = Path(create_app.__code__.co_filename).parent / "static"
    for path in static.iterdir():
        part = client.get(f"/static/{path.name}")
        assert part.status_code == 200
        assert part.text == path.read_text(encoding="utf-8")
        assert "innerHTML" not in part.text
        assert "https://" not in part.text
    assert client.get("/favicon.ico").headers["content-type"].startswith("image/svg+xml")


class Traced:
    """Runs an app inside a span, as the FastAPI instrumentation does."""

    def __init__(self, app: object, provider: TracerProvider) -> None:
        self.app, self.tracer = app, provider.get_tracer("test")
        self.attributes: list[dict[str, object]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def relay(message: Message) -> None:
            await send(message)

        with self.tracer.start_as_current_span("GET /ask") as span:
            await self.app(scope, receive, relay)  # type: ignore[operator]
            self.attributes.append(dict(getattr(span, "attributes", {})))


def test_an_answer_links_to_its_trace_and_names_the_conversation(settings: QaSettings) -> None:
    with scripted_endpoint(COUNT, "There are 8.") as model:
        app = create_app(scripted(settings, model.base_url, ui_url="http://127.0.0.1:4318/"))
        traced = Traced(app, TracerProvider())
        with serving(traced) as address:
            body = httpx.post(
                f"{address}/ask", json={"question": "x", "session_id": "s1", "user_id": "u7"}, timeout=30
            ).json()
    assert len(body["trace_id"]) == 32
    assert int(body["trace_id"], 16)
    assert body["trace_url"] == f"http://127.0.0.1:4318/traces/{body['trace_id']}"
    asked = next(attributes for attributes in traced.attributes if attributes)
    assert (asked["session.id"], asked["user.id"]) == ("s1", "u7")


def test_a_request_that_is_not_sampled_has_no_link(settings: QaSettings) -> None:
    with scripted_endpoint(COUNT, "There are 8.") as model:
        traced = Traced(create_app(scripted(settings, model.base_url)), TracerProvider(sampler=ALWAYS_OFF))
        with serving(traced) as address:
            body = httpx.get(f"{address}/ask", params={"question": "x"}, timeout=30).json()
    assert (body["trace_id"], body["trace_url"]) == (None, None)
    assert not trace.get_current_span().is_recording()
