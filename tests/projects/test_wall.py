"""Nobody sees another project's data: every route there is, asked with a key of one project for what is in another.

Each question is asked by two strangers: by one for what the other project has, by one for what nobody has. Their
answers must be the same but for the words that were asked for; so neither a text, nor a count, nor a status tells that
it is there.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from starlette.routing import Route

from tests.builders import span, trace_hex, trace_request
from tests.progress import progress
from tests.projects.place import CALL, MARK, OTHER_TRACE, ROOT, TRACE, Caller, Walled, fill
from tests.running import stubs

NOBODYS = "wombat"
Operation = tuple[str, str, list[str], str]  # method, path, query parameters, path without LangSmith's prefix
_UNENDING = "/api/v1/live"
_BACKUP = "/api/v1/backup"  # has random bytes; another test looks into it
# Answers of their own project that are not of what is stored; or that end the key or the login of who asks.
_OWN_STATE = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/login",
    "/api/v1/keys",
    "/api/v1/audit",
    "/api/v1/settings",
    "/api/v1/projects",
)
_HEX = re.compile(r"[0-9a-f]")
# What routes are asked with beside ids of their paths; {mark} is the word that everything of the other project has.
_QUERIES: dict[str, str] = {
    "q": "{mark}",
    "text": "{mark}",
    "name": "{mark}.metric",
    "service": "{mark}-service",
    "trace_id": "{trace_id}",
    "model": "{mark}-model",
    "group": "service",
    "key": "{mark}-score",
}
_NO_KEY_OF_ANNOTATION = ("/api/v1/facets",)
_BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/redaction/dry-run"): {"rules": "patterns:\n  - name: found\n    match: '[a-z]+'\n"},
    ("POST", "/api/v1/traces/{trace_id}/annotations"): {"key": "mine"},
    ("POST", "/api/v1/traces/{trace_id}/spans/{span_id}/annotations"): {"key": "mine"},
    ("PATCH", "/api/v1/annotations/{annotation_id}"): {"comment": "mine"},
    ("POST", "/api/v1/views"): {"name": "{mark}", "q": ""},
    ("PATCH", "/api/v1/views/{view_id}"): {"name": "mine"},
    ("PUT", "/api/v1/fold-rules"): {"rules": []},
    ("POST", "/api/v1/progress"): progress("mine").model_dump(),
    ("POST", "/runs/query"): {"session": ["{project_id}"], "limit": 10},
    ("POST", "/sessions"): {"name": "{mark}-made"},
    ("PATCH", "/sessions/{project_id:uuid}"): {"description": "mine"},
    ("POST", "/feedback"): {"run_id": "{run_id}", "key": "mine", "trace_id": "{run_id}"},
    ("PATCH", "/feedback/{feedback_id:uuid}"): {"comment": "mine"},
    ("PATCH", "/runs/{run_id}"): {
        "trace_id": "{run_id}",
        "dotted_order": "20261123T160000000001Z{run_id}",
        "name": "mine",
    },
}


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    with Walled(tmp_path_factory.mktemp("walled"), "a", "b", "c", "d") as server:
        yield server


@pytest.fixture(scope="module")
def owner(walled: Walled) -> Caller:
    return walled.of("a")


@pytest.fixture(scope="module")
def ids(owner: Caller) -> dict[str, str]:
    return fill(owner)


def nobodys(ids: dict[str, str]) -> dict[str, str]:
    """Ids of the same form that nothing has."""
    return {
        name: value.replace(MARK, NOBODYS)
        if MARK in value
        else _HEX.sub(lambda digit: f"{15 - int(digit[0], 16):x}", value, count=8)
        for name, value in ids.items()
        if name != "tenant"
    } | {"tenant": "default"}


def operations(server: Walled) -> list[Operation]:
    """All that is served."""
    document = server.http.get("/api/openapi.json").json()
    found = [
        (method.upper(), path, [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"], path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    app: Any = server.server.projects.open("default")
    for route in app.routes:
        if isinstance(route, Route) and ("/langsmith" in route.path or "/o/" in route.path):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                found.append((method, route.path, [], re.sub(r"^/langsmith(?:/api/v1)?", "", route.path)))
    return found


def filled(value: Any, ids: dict[str, str], mark: str) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, ids, mark) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, ids, mark) for one in value]
    if not isinstance(value, str):
        return value
    for name, one in {**ids, "mark": mark}.items():
        value = re.sub(rf"{{{name}(?::\w+)?}}", one, value)
    return value


def asked(
    caller: Caller, operation: tuple[str, str, list[str], str], ids: dict[str, str], mark: str
) -> tuple[int, str]:
    """The status and the answer, without the words that were asked for and without times."""
    method, path, parameters, short = operation
    chosen = {name: _QUERIES[name] for name in parameters if name in _QUERIES and path not in _NO_KEY_OF_ANNOTATION}
    query = "&".join(f"{name}={filled(value, ids, mark)}" for name, value in chosen.items())
    body = filled(_BODIES.get((method, path), _BODIES.get((method, short))), ids, mark)
    answer = caller.ask(method, f"{filled(path, ids, mark)}?{query}", body)
    text = answer.content.decode("utf-8", "replace")
    for value in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(value, "(asked)").replace(value.replace("-", ""), "(asked)")
    text = re.sub(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}", "(id)", text.replace(mark, "(asked)"))
    return answer.status_code, re.sub(r"-?\d{7,}|\d{4}-\d\d-\d\dT[\d:.+Z]+|-?\d+\.\d+", "(number)", text)


def snapshot(owner: Caller) -> list[Any]:
    """All that a project has, as its own routes say it."""
    paths = (
        "/api/v1/traces",
        "/api/v1/spans",
        f"/api/v1/traces/{TRACE}",
        "/api/v1/logs",
        "/api/v1/metrics",
        "/api/v1/annotations",
        "/api/v1/views",
        "/api/v1/fold-rules",
        "/api/v1/pins",
        "/api/v1/progress",
        "/api/v1/doctor/errors",
        "/langsmith/sessions",
        "/langsmith/feedback",
    )
    return [owner.get(path) for path in paths]


def test_the_owner_sees_it_everywhere(walled: Walled, owner: Caller, ids: dict[str, str]) -> None:
    """What the other tests look for is there: else they could not fail."""
    shows = {
        path
        for operation in operations(walled)
        if (method := operation[0]) == "GET" and (path := operation[1]) != _UNENDING
        for status, text in [asked(owner, operation, ids, MARK)]
        if status == 200 and "(asked)" in text
    }
    assert method
    assert len(shows) > 35, sorted(shows)


def test_no_route_answers_with_anything_of_another_project(walled: Walled, owner: Caller, ids: dict[str, str]) -> None:
    before = snapshot(owner)
    strangers, now = (walled.of("b"), walled.of("c")), time.time_ns()
    for stranger in strangers:
        stranger.send("traces", trace_request(span("mine", 1, trace=trace_hex(7), start=now)))
    count = 0
    for operation in operations(walled):
        method, path = operation[:2]
        if path in (_UNENDING, _BACKUP) or path in _OWN_STATE:
            continue
        theirs = asked(strangers[0], operation, ids, MARK)
        nothing = asked(strangers[1], operation, nobodys(ids), NOBODYS)
        assert theirs == nothing, (method, path)
        assert theirs[0] < 500, (method, path, theirs)
        count += 1
    assert count > 90
    assert snapshot(owner) == before


@pytest.mark.parametrize("who", ["d", "default", "(nobody)", "(a key of the server)"])
def test_what_needs_no_question_has_no_word_of_another_project(walled: Walled, ids: dict[str, str], who: str) -> None:
    stranger = walled.nobody() if who == "(nobody)" else walled.of(None if "server" in who else who)
    secrets = {MARK, *(value for name, value in ids.items() if name not in ("tenant", "session_id", "user_id"))}
    for method, path, _, _ in operations(walled):
        if method != "GET" or path == _UNENDING or "{" in path:
            continue
        if who == "(a key of the server)" and path in ("/metrics", "/api/v1/audit"):
            continue  # that is what it is for
        text = stranger.ask("GET", path).content.decode("utf-8", "replace")
        assert [word for word in secrets if word in text] == [], path
    copy = stranger.ask("POST", _BACKUP, {})
    assert (copy.status_code, MARK.encode() in copy.content) == (403 if "server" in who else 200, False)


@pytest.mark.parametrize("offer", ["", "quok", "service:quok", "session:quok", "model:quok", "attr.quok", "user:"])
def test_nothing_is_offered_while_typing(walled: Walled, owner: Caller, ids: dict[str, str], offer: str) -> None:
    path = f"/api/v1/suggest?q={offer}&at={len(offer)}"
    stranger = walled.of("b")
    assert ids
    assert MARK not in stranger.ask("GET", path).text
    assert MARK in owner.ask("GET", "/api/v1/suggest?q=service:quok&at=12").text


def test_the_live_stream_tells_of_the_own_project(walled: Walled, owner: Caller, ids: dict[str, str]) -> None:
    stranger, mine = walled.of("b"), trace_hex(0xB0B)
    assert ids
    with stranger.http.stream("GET", "/api/v1/live") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        owner.send("traces", trace_request(span("more", 5, trace=OTHER_TRACE)))
        stranger.send("traces", trace_request(span("mine", 1, trace=mine)))
        told = next(line for line in lines if line.startswith("data: "))
    assert told == f'data: {{"trace_ids":["{mine}"]}}'


def test_what_is_sent_lands_in_the_project_of_its_key(tmp_path: Path) -> None:
    """The same ids in each: one says nothing of the other, and no word of the request chooses."""
    with Walled(tmp_path, "a", "b") as server:
        callers = {name: server.of(name) for name in ("a", "b", "default")}
        for number, (name, caller) in enumerate(callers.items()):
            resource = {"llm_tracing.project": "a", "project": "a"}
            caller.send("traces", trace_request(span(f"of {name}", 1), service=f"s-{name}", resource=resource))
            posted = {
                "id": f"0000000{number}-0000-4000-8000-000000000001",
                "session_name": "a",
                "name": f"run of {name}",
            }
            langsmith = {**posted, "run_type": "chain", "start_time": "2026-11-23T12:00:00Z", "inputs": {}}
            assert caller.ask("POST", "/langsmith/runs", langsmith).status_code == 202
            imported = caller.ask("POST", "/api/v1/import", content=exported(callers["a"]))
            assert imported.status_code == 200
        server.export(trace_request(span("of nobody", 2)))  # without a key
        seen = {name: {one["name"] for one in caller.get("/api/v1/spans")["spans"]} for name, caller in callers.items()}
    assert seen["a"] == {"of a", "run of a"}
    assert seen["b"] == {"of b", "run of b", "of a", "run of a"}  # it imported what somebody exported
    assert seen["default"] == {"of default", "run of default", "of nobody", "of a", "run of a"}


def exported(owner: Caller) -> bytes:
    return owner.ask("GET", "/api/v1/spans/export?format=otlp").content


def test_grpc_goes_to_the_project_of_its_key(tmp_path: Path) -> None:
    with Walled(tmp_path, "a", "b") as server, channel_of(server) as channel:
        for name in ("a", "b", "default"):
            request = trace_request(span(f"of {name}", 1))
            stubs(channel)["traces"].Export(request, timeout=20, metadata=(("x-api-key", server.make(name, "ingest")),))
        stubs(channel)["traces"].Export(trace_request(span("of nobody", 2)), timeout=20)
        for refused, metadata in (
            (grpc.StatusCode.UNAUTHENTICATED, (("x-api-key", "llmt_0badc0de_what-nobody-has"),)),
            (grpc.StatusCode.PERMISSION_DENIED, (("x-api-key", server.make("b", "read")),)),
            (grpc.StatusCode.PERMISSION_DENIED, (("x-llm-tracing-project", "a"),)),
            (grpc.StatusCode.PERMISSION_DENIED, (("x-api-key", server.make(None)),)),
            (
                grpc.StatusCode.PERMISSION_DENIED,
                (("x-api-key", server.make("b", "ingest")), ("x-llm-tracing-project", "a")),
            ),
        ):
            with pytest.raises(grpc.RpcError) as error:
                stubs(channel)["traces"].Export(trace_request(span("lost", 3)), timeout=20, metadata=metadata)
            assert error.value.code() == refused
        chosen = (("x-api-key", server.make(None)), ("x-llm-tracing-project", "a"))
        stubs(channel)["traces"].Export(trace_request(span("chosen", 4)), timeout=20, metadata=chosen)
        bad = (("x-api-key", server.make("b", "ingest")),)
        with pytest.raises(grpc.RpcError):
            channel.stream_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")(
                iter([b"no protobuf"]), timeout=20, metadata=bad
            )
        seen = {
            name: {one["name"] for one in server.of(name).get("/api/v1/spans")["spans"]}
            for name in ("a", "b", "default")
        }
        errors = {name: len(server.of(name).get("/api/v1/doctor/errors")["errors"]) for name in ("a", "b", "default")}
    assert seen == {"a": {"of a", "chosen"}, "b": {"of b"}, "default": {"of default", "of nobody"}}
    assert errors == {"a": 0, "b": 1, "default": 0}


def channel_of(server: Walled) -> Any:
    return grpc.insecure_channel(server.addresses.grpc.removeprefix("http://"))


def test_a_key_opens_no_other_door(walled: Walled, ids: dict[str, str]) -> None:
    """Not by naming another project, not with another scope, not with a key that has ended, keys required or not."""
    assert ids
    reading, sending = walled.of("b", "read"), walled.of("b", "ingest")
    assert sending.ask("GET", "/api/v1/traces").status_code == 403
    assert reading.ask("DELETE", f"/api/v1/traces/{trace_hex(7)}").status_code == 403
    for key in ("b", "default"):
        named = walled.of(key, x_llm_tracing_project="a").ask("GET", "/api/v1/traces")
        assert (named.status_code, named.json()["error"]["code"]) == (403, "other_project")
    assert walled.http.get("/api/v1/traces", headers={"X-LLM-Tracing-Project": "a"}).status_code == 403
    never = walled.of(None, x_llm_tracing_project="never-made").ask("GET", "/api/v1/traces")
    assert (never.status_code, never.json()["error"]["code"]) == (403, "other_project")
    ended = walled.of("a")
    walled.keyring.revoke(ended.secret.split("_")[1])
    assert ended.ask("GET", "/api/v1/traces").status_code == 401
    assert walled.post("/v1/traces", b"", x_api_key=ended.secret).status_code == 401  # not into default
    assert {f"{ROOT:016x}", f"{CALL:016x}"}.isdisjoint(walled.http.get("/api/v1/spans").text)


def test_a_key_of_the_server_sees_a_project_when_it_names_one(walled: Walled, ids: dict[str, str]) -> None:
    assert ids
    plain = walled.of(None)
    refused = plain.ask("GET", "/api/v1/traces")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "project_missing")
    assert TRACE in walled.of(None, x_llm_tracing_project="a").trace_ids()
    assert [one["name"] for one in plain.get("/api/v1/projects")["projects"]] == ["default", "a", "b", "c", "d"]
    assert [one["name"] for one in walled.of("b").get("/api/v1/projects")["projects"]] == ["b"]
    assert {one["project"] for one in plain.get("/api/v1/keys")["keys"]} >= {"a", "b", None}
    assert {one["project"] for one in walled.of("b").get("/api/v1/keys")["keys"]} == {"b"}
    assert {one["project"] for one in walled.of("b").get("/api/v1/audit")["acts"]} <= {"b"}
    assert "a" in {one["project"] for one in plain.get("/api/v1/audit?limit=1000")["acts"]}


def test_figures_are_of_the_own_project(walled: Walled, ids: dict[str, str]) -> None:
    assert ids
    whole = walled.of(None).ask("GET", "/metrics").text
    assert 'llm_tracing_receiver_requests_total{project="a",signal="traces"}' in whole
    assert 'llm_tracing_http_request_duration_seconds_count{method="GET",project="a"' in whole
    own = walled.of("b").ask("GET", "/metrics").text
    assert 'llm_tracing_receiver_requests_total{signal="traces"}' in own
    assert "project=" not in own
    assert "process_" not in own
    assert "project=" not in walled.http.get("/metrics").text


def test_a_login_shows_the_project_of_its_key(tmp_path: Path) -> None:
    with Walled(tmp_path, "a", "b", require_keys=True) as server:
        fill(server.of("a"))
        own = {"origin": server.addresses.http}
        for key, chosen, seen in (("a", "", True), ("b", "", False), (None, "a", True), (None, "b", False)):
            body = {"key": server.make(key), "project": chosen}
            answer = server.http.post("/api/v1/login", json=body, headers=own)
            assert (answer.status_code, answer.json()["project"]) == (200, key or chosen)
            assert (TRACE in server.http.get("/api/v1/traces").text) is seen
            assert server.http.get("/api/v1/login").json()["project"] == (key or chosen)
            server.http.delete("/api/v1/login", headers=own)
        unnamed = server.http.post("/api/v1/login", json={"key": server.make(None)}, headers=own)
        assert (unnamed.status_code, unnamed.json()["error"]["code"]) == (403, "project_missing")
        wrong = server.http.post("/api/v1/login", json={"key": server.make("b"), "project": "a"}, headers=own)
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "other_project")
        unknown = server.http.post("/api/v1/login", json={"key": server.make(None), "project": "c"}, headers=own)
        assert unknown.status_code == 404
