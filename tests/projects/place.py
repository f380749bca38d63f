"""A server with two projects, a key of each, and in one of them something of every kind, marked by one word."""

import time
from pathlib import Path
from typing import Any

import httpx

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.keys import Scope, scopes_of
from llm_tracing.access.projects import DEFAULT, ProjectSettings
from tests.builders import chat, counter, log, log_request, metric_request, span, trace_request
from tests.langsmith_requests import run, run_id
from tests.progress import progress
from tests.running import PROTOBUF, Running

MARK = "quokka"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OTHER_TRACE = "5bf92f3577b34da6a3ce929d0e0e4737"
ROOT, CALL = 0x00F067AA0BA902B7, 0x00F067AA0BA902B8
JSON = "application/json"


class Walled(Running):
    """A server, its key file, and callers by project. Keys are not required unless the settings say so."""

    def __init__(self, data: Path, *names: str, **settings: Any) -> None:
        self.keyring = Keyring(data)
        for name in names:
            self.keyring.create_project(name, ProjectSettings(), 64)
        if settings.get("require_keys"):
            self.keyring.create("first", frozenset({"admin"}))
        self._callers: list[Caller] = []
        super().__init__(data, **settings)

    def make(self, project: str | None = DEFAULT, *scopes: Scope) -> str:
        """A new key."""
        return self.keyring.create("test", scopes_of(scopes or ("admin",)), project=project)[1]

    def of(self, project: str | None, *scopes: Scope, **headers: str) -> "Caller":
        made = Caller(self, self.make(project, *scopes), headers)
        self._callers.append(made)
        return made

    def nobody(self) -> "Caller":
        """Somebody without a key of ours."""
        made = Caller(self, "whatever")
        self._callers.append(made)
        return made

    def stop(self) -> None:
        for caller in self._callers:
            caller.http.close()
        super().stop()
        self.keyring.close()


class Caller:
    """Somebody with one key."""

    def __init__(self, server: Running, secret: str, headers: dict[str, str] | None = None) -> None:
        self.secret = secret
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        self.http = httpx.Client(
            base_url=server.addresses.http,
            headers={"Authorization": f"Bearer {secret}", **named},
            trust_env=False,
            timeout=60,
        )

    def ask(self, method: str, path: str, body: Any = None, content: bytes | None = None) -> httpx.Response:
        if content is not None:
            return self.http.request(method, path, content=content, headers={"Content-Type": "application/x-ndjson"})
        if body is None:
            return self.http.request(method, path, headers={"Content-Type": JSON})
        return self.http.request(method, path, json=body)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, signal: str, message: Any) -> None:
        answer = self.http.post(
            f"/v1/{signal}", content=message.SerializeToString(), headers={"Content-Type": PROTOBUF}
        )
        assert (answer.status_code, answer.content) == (200, b"")

    def trace_ids(self) -> list[str]:
        return [one["trace_id"] for one in self.get("/api/v1/traces")["traces"]]


def fill(caller: Caller) -> dict[str, str]:
    """Something of every kind into the project of a caller; the ids that routes take, by their name in a path."""
    now = time.time_ns() - 1_000_000_000
    named = {"session.id": f"{MARK}-session", "user.id": f"{MARK}-user"}
    asked = chat(f"{MARK} asked", f"{MARK} answered", model=f"{MARK}-model", tokens=(10, 5))
    statement = {"db.system.name": "sqlite", "db.query.text": f"SELECT 1 AS {MARK}"}
    link = span(f"{MARK} linking", 9, trace=OTHER_TRACE, start=now)
    link.links.add(trace_id=bytes.fromhex(TRACE), span_id=ROOT.to_bytes(8, "big"))
    caller.send(
        "traces",
        trace_request(
            span(f"{MARK} root", ROOT, trace=TRACE, start=now, attributes={**named, f"{MARK}.key": f"{MARK} value"}),
            span(f"{MARK} call", CALL, ROOT, trace=TRACE, start=now + 10, attributes={**named, **asked}),
            span(f"{MARK} sql", CALL + 1, ROOT, trace=TRACE, start=now + 20, attributes=statement),
            link,
            service=f"{MARK}-service",
        ),
    )
    caller.send(
        "logs", log_request(log(f"{MARK} line", trace=TRACE, span_id=ROOT, time=now), service=f"{MARK}-service")
    )
    caller.send("metrics", metric_request(counter(f"{MARK}.metric", 1, 2, time=now), service=f"{MARK}-service"))
    child = {"inputs": {"q": f"{MARK} in"}, "outputs": {"a": f"{MARK} out"}}
    posted = run(1, name=f"{MARK} run", session_name=f"{MARK}-tracer", start_time="2026-11-23T12:00:00Z", **child)
    assert caller.ask("POST", "/langsmith/runs", posted).status_code == 202
    said = caller.ask(
        "POST", f"/api/v1/traces/{TRACE}/annotations", {"key": f"{MARK}-score", "comment": f"{MARK} says"}
    )
    assert said.status_code < 300, said.text
    caller.ask("POST", f"/api/v1/traces/{TRACE}/annotations", {"key": "tag", "value": f"{MARK}-tag"})
    view = caller.ask("POST", "/api/v1/views", {"name": f"{MARK} view", "q": MARK})
    assert view.status_code < 300, view.text
    assert caller.ask("PUT", f"/api/v1/traces/{TRACE}/pin").status_code == 204
    assert caller.ask("POST", "/api/v1/progress", progress(f"{MARK} asked").model_dump()).status_code == 204
    rules = {"rules": [{"id": "one", "label": f"{MARK} rule", "kinds": ["db"]}]}
    assert caller.ask("PUT", "/api/v1/fold-rules", rules).status_code == 200
    broken = caller.http.post(
        "/v1/traces", content=f"{MARK} is no protobuf".encode(), headers={"Content-Type": PROTOBUF}
    )
    assert broken.status_code == 400
    [error] = caller.get("/api/v1/doctor/errors")["errors"]
    annotations = caller.get("/api/v1/annotations")["annotations"]
    [project] = [one for one in caller.get("/langsmith/sessions") if one["name"] == f"{MARK}-tracer"]
    return {
        "trace_id": TRACE,
        "span_id": f"{CALL:016x}",
        "session_id": f"{MARK}-session",
        "user_id": f"{MARK}-user",
        "error_id": error["error_id"],
        "annotation_id": annotations[0]["annotation_id"],
        "view_id": view.json()["view_id"],
        "run_id": run_id(1),
        "project_id": project["id"],
        "feedback_id": annotations[0]["annotation_id"],
        "tenant": "default",
        "project": project["id"],
    }
