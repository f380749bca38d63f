"""The table of what each request needs; every route of the server has its line."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from llm_tracing.access.policy import needed
from llm_tracing.serving.app import openapi_document
from tests.running import Running


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/traces", "ingest"),
        ("POST", "/api/public/otel/v1/traces", "ingest"),
        ("POST", "/langsmith/runs/multipart", "ingest"),
        ("POST", "/langsmith/api/v1/runs/batch", "ingest"),
        ("PATCH", "/langsmith/runs/0190", "ingest"),
        ("POST", "/langsmith/feedback", "ingest"),
        ("GET", "/langsmith/info", "any"),
        ("POST", "/langsmith/runs/query", "read"),
        ("GET", "/langsmith/sessions", "read"),
        ("DELETE", "/langsmith/feedback/0190", "admin"),
        ("GET", "/api/v1/traces", "read"),
        ("GET", "/api/v1/live", "read"),
        ("GET", "/metrics", "read"),
        ("POST", "/api/v1/traces/ab/spans/cd/annotations", "read"),
        ("DELETE", "/api/v1/annotations/ab", "read"),
        ("DELETE", "/api/v1/doctor/errors", "admin"),
        ("POST", "/api/v1/doctor/errors/ab/replay", "admin"),
        ("GET", "/api/v1/audit", "admin"),
        ("POST", "/api/v1/something/new", "admin"),
        ("POST", "/api/v1/login", "open"),
        ("GET", "/healthz", "open"),
        ("GET", "/traces/ab", "open"),
        ("GET", "/assets/index.js", "open"),
        ("POST", "/", "admin"),
        ("GET", "/api/v1/traces/../login", "read"),
    ],
)
def test_what_a_request_needs(method: str, path: str, scope: str) -> None:
    assert needed(method, path) == scope


def test_no_route_of_the_api_is_open_by_oversight() -> None:
    document = openapi_document()
    operations = [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith("/api/")
    ]
    assert len(operations) > 20
    assert {path for method, path in operations if needed(method, path) == "open"} == {"/api/v1/login"}


def test_without_a_key_no_route_but_the_open_ones_answers(tmp_path: Path) -> None:
    with Running(tmp_path, require_keys=True, admin_key="an-admin-key-of-the-test") as server:
        app: Any = server.server.projects.open("default")
        asked = 0
        for route in app.routes:
            if not isinstance(route, APIRoute | Route):
                continue
            for method in sorted(route.methods or ()):
                path = route.path.replace(":path", "").replace(":uuid", "")
                if needed(method, path) == "open" or "{" in path:
                    continue
                asked += 1
                assert server.http.request(method, path).status_code == 401, (method, path)
        assert asked > 20
