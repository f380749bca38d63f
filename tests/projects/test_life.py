"""Projects come and go while the server runs, with settings of their own and a fair part of what is shared."""

import sqlite3
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import pytest

from llm_tracing.access.keyring import FILE, Keyring
from llm_tracing.access.projects import ProjectSettings, checked_name, folder_of
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, Conflict, NotFound
from llm_tracing.store.database import FILE_NAME
from tests.builders import NOON, TRACE, chat, span, trace_hex, trace_request
from tests.projects.place import Walled
from tests.running import Running, stubs

DAY_NS = 86_400 * 1_000_000_000


def until(met: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_a_project_that_is_made_while_the_server_runs_opens_at_its_first_key(tmp_path: Path) -> None:
    with Walled(tmp_path) as server:
        server.keyring.create_project("late", ProjectSettings(), 8)
        late = server.of("late")
        late.send("traces", trace_request(span("a", 1)))
        assert (late.trace_ids(), server.traces()) == ([TRACE], [])
    with Walled(tmp_path) as again:
        assert again.of("late").trace_ids() == [TRACE]
        assert again.http.get("/readyz").status_code == 200


def test_a_deleted_project_leaves_nothing(tmp_path: Path) -> None:
    with Walled(tmp_path, "gone", "stays") as server:
        gone, stays = server.of("gone"), server.of("stays")
        for one in (gone, stays):
            one.send("traces", trace_request(span("secret", 1)))
        listening = gone.http.stream("GET", "/api/v1/live")
        with listening as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            server.keyring.end_project("gone")
            until(lambda: not (tmp_path / "projects" / "gone").exists(), "its files stay")
            assert "data:" not in "".join(lines)  # the stream ends
        until(lambda: gone.ask("GET", "/api/v1/traces").status_code == 401, "its key still opens something")
        assert stays.trace_ids() == [TRACE]
        until(lambda: [one.name for one in server.keyring.projects()] == ["stays"], "its name stays")
        # The name is free again, and what is made under it is empty; the old keys stay shut.
        server.keyring.create_project("gone", ProjectSettings(), 8)
        assert server.of("gone").trace_ids() == []
        assert gone.ask("GET", "/api/v1/traces").status_code == 401


def test_what_was_to_be_deleted_when_the_server_ended_is_deleted_at_its_start(tmp_path: Path) -> None:
    with Walled(tmp_path, "gone") as server:
        server.of("gone").send("traces", trace_request(span("a", 1)))
    with Keyring(tmp_path).closing() as keyring:
        keyring.end_project("gone")
    with Running(tmp_path):
        assert not (tmp_path / "projects" / "gone").exists()


def test_retention_and_prices_are_of_the_project(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    now = time.time_ns()
    with Walled(tmp_path / "data", "short", "long") as server:
        server.keyring.set_project("short", ProjectSettings(keep_days=1, prices=prices))
        short, long = server.of("short"), server.of("long")
        until(lambda: _variable(short, "LLM_TRACING_KEEP_DAYS") == "1.0", "its settings do not hold")
        for one in (short, long):
            call = span("call", 1, start=now, attributes=chat(model="own-model", tokens=(1, 1)))
            one.send("traces", trace_request(call, span("old", 2, trace=trace_hex(9), start=now - 3 * DAY_NS)))
        server.server.projects.stack("short").keeper.look()
        until(lambda: short.trace_ids() == [TRACE], "what is too old stays")
        assert set(long.trace_ids()) == {TRACE, trace_hex(9)}
        cost = {name: _cost(one) for name, one in (("short", short), ("long", long))}
        assert cost == {"short": "2", "long": None}


def _cost(caller: Any) -> str | None:
    found = next(one for one in caller.get("/api/v1/traces")["traces"] if one["trace_id"] == TRACE)
    total = found["cost"]["total_usd"]
    return None if total is None else str(total)


def _variable(caller: Any, name: str) -> str | None:
    answer = caller.ask("GET", "/api/v1/settings")
    if answer.status_code == 503:  # it is just being opened anew
        assert answer.headers["retry-after"] == "1"
        return None
    return next(str(one["value"]) for one in answer.json()["settings"] if one["variable"] == name)


def test_redaction_is_of_the_project(tmp_path: Path) -> None:
    with Walled(tmp_path, "open") as server:
        server.keyring.create_project("careful", ProjectSettings(redact="email"), 8)
        for name in ("open", "careful"):
            server.of(name).send("traces", trace_request(span("to ada@mail.example", 1)))
        names = {name: server.of(name).get("/api/v1/spans")["spans"][0]["name"] for name in ("open", "careful")}
    assert names == {"open": "to ada@mail.example", "careful": "to [email]"}


def test_the_database_of_the_lens_is_not_the_server_s(tmp_path: Path) -> None:
    with Walled(tmp_path, "other", lens_database="sqlite:///somewhere.sqlite") as server:
        assert _variable(server.of("other"), "LLM_TRACING_LENS_DATABASE") == "None"
        assert "somewhere" not in server.of("other").ask("GET", "/api/v1/settings").text
        assert "somewhere" in server.http.get("/api/v1/settings").text


def test_one_that_floods_or_is_stuck_holds_nobody_up(tmp_path: Path) -> None:
    with Walled(tmp_path, "busy", "calm", max_queue=600_000) as server, server_channel(server) as channel:
        busy, calm, began, go_on = server.of("busy"), server.of("calm"), Event(), Event()
        export = stubs(channel)["traces"].Export
        busy_key, calm_key = ((("x-api-key", one.secret),) for one in (busy, calm))
        assert (busy.trace_ids(), calm.trace_ids()) == ([], [])  # both are open
        stuck = server.server.projects.stack("busy").ingest

        def hold() -> bool:
            began.set()
            return go_on.wait()

        done = stuck.run(hold)  # its writer does nothing more until it is told
        try:
            assert began.wait(60)
            body = trace_request(span("x" * 150_000, 1)).SerializeToString()
            waiting = [stuck.submit("traces", trace_request(span("x", 1)), len(body))]
            refused = busy.http.post("/v1/traces", content=body, headers={"Content-Type": "application/x-protobuf"})
            calls = [export.future(trace_request(span("b", 2)), timeout=60, metadata=busy_key) for _ in range(40)]
            for number in range(20):
                calm.send("traces", trace_request(span("calm", number + 1)))
                export(trace_request(span("calm too", number + 100)), timeout=60, metadata=calm_key)
            assert len(calm.get("/api/v1/spans?limit=100")["spans"]) == 40
        finally:
            go_on.set()
        codes = {call.code().name for call in calls}
        assert done.result(60)
        assert [one.result(60).rejected for one in waiting] == [0]
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert codes <= {"OK", "UNAVAILABLE"}


def server_channel(server: Walled) -> Any:
    return grpc.insecure_channel(server.addresses.grpc.removeprefix("http://"))


def test_the_limits_of_the_process_are_shared_out(tmp_path: Path) -> None:
    with Walled(tmp_path, "a", memory_limit_mb=512, max_queue=900) as server:
        server.of("a").trace_ids()
        projects = server.server.projects
        assert _limits(projects, "default") == _limits(projects, "a") == ("244.1 MiB", 450, 450)
        server.keyring.create_project("b", ProjectSettings(), 8)
        server.of("b").trace_ids()
        assert {_limits(projects, name) for name in ("default", "a", "b")} == {("162.1 MiB", 300, 300)}
        server.keyring.end_project("b")
        until(lambda: projects.opened("b") is None, "b stays open")
        until(lambda: _limits(projects, "default") == ("244.1 MiB", 450, 450), "its part is lost")


def _limits(projects: Any, name: str) -> tuple[str, int, int]:
    stack = projects.stack(name)
    with stack.store.database.reading() as db:
        [(memory,)] = db.execute("SELECT current_setting('memory_limit')").fetchall()
    return str(memory), stack.ingest._max_queue, stack.in_flight._limit


def test_there_are_no_more_projects_than_the_setting_says(tmp_path: Path) -> None:
    with Walled(tmp_path, "a", "b", max_projects=2) as server:
        assert server.of("a").trace_ids() == []
        refused = server.of("b").ask("GET", "/api/v1/traces")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "store_unavailable")
        assert server.http.get("/readyz").status_code == 503
        with pytest.raises(Conflict, match="as many as may be"):
            server.keyring.create_project("c", ProjectSettings(), 2)


def test_a_project_that_cannot_be_opened_is_told_and_the_others_work(tmp_path: Path) -> None:
    with Walled(tmp_path, "broken", "whole") as server:
        server.of("broken").trace_ids()
    (tmp_path / "projects" / "broken" / FILE_NAME).write_bytes(b"no database")
    with Walled(tmp_path) as server:
        assert server.of("whole").trace_ids() == []
        assert server.traces() == []
        answer = server.of("broken").ask("GET", "/api/v1/traces")
        assert (answer.status_code, str(tmp_path) in answer.text) == (503, False)
        ready = server.http.get("/readyz")
        assert (ready.status_code, "broken" in ready.text) == (503, False)  # who asks may be anybody


def test_a_store_that_cannot_keep_projects_apart_has_none(tmp_path: Path) -> None:
    """Tempo, Loki and Prometheus are one place for all that is sent to them."""
    with Walled(tmp_path) as server:
        projects = server.server.projects
        projects._settings = projects._settings.model_copy(update={"store": "lgtm"})
        server.keyring.create_project("a", ProjectSettings(), 8)
        answer = server.of("a").ask("GET", "/api/v1/traces")
        assert (answer.status_code, "a tenant of its own" in answer.text) == (503, True)
        assert not (tmp_path / "projects").exists()
        assert server.traces() == []


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-a", "a-", "a" * 41, "a.b", "über", "a\n"])
def test_a_name_is_that_of_one_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        checked_name(name)
    with pytest.raises(ConfigError):
        folder_of(tmp_path, name)


def test_what_is_unset_is_the_server_s(tmp_path: Path) -> None:
    server = ServerSettings(data=tmp_path, keep_days=7, max_size=5, lens_database="sqlite://")
    found = ProjectSettings(keep_days=0).in_effect(server, "a")
    assert (found.keep_days, found.max_size, found.lens_database) == (0, 5, None)
    assert found.data == tmp_path / "projects" / "a"


def test_a_key_file_of_before_there_were_projects_is_one_of_default(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as db:
        db.executescript(BEFORE)
    db.close()
    with Keyring(tmp_path).closing() as keyring:
        [key] = keyring.all()
        assert (key.key_id, key.project, key.scopes) == ("0badc0de", "default", frozenset({"admin"}))
        assert keyring.acts(5)[0].project == "default"
        assert keyring.projects() == []
        with pytest.raises(NotFound):
            keyring.create("x", frozenset({"read"}), project="never-made")
        with pytest.raises(ConfigError):
            keyring.create("x", frozenset({"read"}), project=None)
    with Keyring(tmp_path).closing() as again:
        assert len(again.all()) == 1


def test_a_version_of_before_there_were_projects_finds_no_key_of_another_one(tmp_path: Path) -> None:
    with Keyring(tmp_path).closing() as keyring:
        keyring.create_project("a", ProjectSettings(), 8)
        (own, secret), (other, hidden) = (keyring.create("x", frozenset({"read"}), project=p) for p in ("default", "a"))
        token, beyond = keyring.log_in(own.key_id), keyring.log_in(other.key_id, "a")
        assert keyring.find(hidden) == other
        assert keyring.login(beyond) == (other.key_id, "a")
    with sqlite3.connect(tmp_path / FILE) as db:
        found = {
            what: db.execute(f"SELECT 1 FROM {table} WHERE hash = ?", (sha256(what.encode()).digest(),)).fetchone()
            for what, table in ((secret, "keys"), (hidden, "keys"), (token, "logins"), (beyond, "logins"))
        }
    db.close()
    assert list(found.values()) == [(1,), None, (1,), None]


def test_a_key_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Keyring(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ConfigError, match="schema 99"):
        Keyring(tmp_path)


PRICES = """
models:
  - model: own-model
    input: "1000000"
    output: "1000000"
"""
BEFORE = f"""
CREATE TABLE keys (key_id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, hash BLOB NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER);
CREATE TABLE logins (hash BLOB PRIMARY KEY, key_id TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL);
CREATE TABLE audit (time_unix_nano INTEGER NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL);
INSERT INTO keys VALUES ('0badc0de', 'me', 'admin', x'00', {NOON}, NULL, NULL, NULL);
INSERT INTO audit VALUES ({NOON}, 'me', 'log in', '');
"""
