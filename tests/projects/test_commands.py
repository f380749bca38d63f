"""`llm-tracing project`, and `--project` of the other commands, while a server runs and while none does."""

import json
from pathlib import Path

import duckdb
import httpx

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.projects import ProjectSettings
from llm_tracing.store.database import FILE_NAME
from tests.builders import TRACE, span, trace_request
from tests.projects.place import Walled
from tests.server.process import run, serving


def done(*arguments: str, **environment: str) -> str:
    """What a command prints that must succeed."""
    ended = run(*arguments, **environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def refused(*arguments: str, **environment: str) -> str:
    """The line of a command that must fail."""
    ended = run(*arguments, **environment)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return ended.stderr


def fill(data: Path, name: str) -> None:
    with Walled(data) as server:
        server.of(name).send("traces", trace_request(span(f"of {name}", 1)))


def stored(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / FILE_NAME), read_only=True) as db:
        return [str(name) for (name,) in db.execute("SELECT name FROM spans").fetchall()]


def test_a_project_is_made_listed_changed_and_deleted(tmp_path: Path) -> None:
    data, prices = ("--data", str(tmp_path / "data")), tmp_path / "prices.yaml"
    prices.write_text('models:\n  - model: m\n    input: "1"\n    output: "1"\n')
    assert "keys create --project team-a" in done("project", "create", "team-a", "--keep-days", "30", *data)
    assert "There is a project team-a already." in refused("project", "create", "team-a", *data)
    assert "can't name a project" in refused("project", "create", "Team A", *data)
    done("project", "set", "team-a", "--prices", str(prices), "--inherit", "keep-days", *data)
    shown = "".join(done("project", "list", *data).split())  # a narrow terminal breaks a long path
    assert (f"prices{prices}" in shown, "keep-days" in shown) == (True, False)
    prices.write_text("nonsense: true")
    assert "can't be used" in refused("project", "set", "team-a", "--prices", str(prices), *data)
    assert "no setting of a project" in refused("project", "set", "team-a", "--inherit", "port", *data)
    assert "server's settings" in refused("project", "set", "default", "--keep-days", "1", *data)
    assert "There is no project b" in refused("keys", "create", "--scope", "read", "--project", "b", *data)
    key = done("keys", "create", "--scope", "read", "--project", "team-a", *data).strip()
    assert key.startswith("llmt_")
    assert "admin alone" in refused("keys", "create", "--scope", "read", "--no-project", *data)
    done("keys", "create", "--scope", "admin", "--no-project", *data)
    listed = done("keys", "list", *data)
    assert "team-a" in listed
    assert "(server)" in listed
    ended = run("project", "delete", "team-a", *data)  # without an answer to the question
    assert (ended.returncode, "team-a" in done("project", "list", *data)) == (1, True)
    done("project", "delete", "team-a", "--yes", *data)
    assert "There is no project team-a" in refused("project", "delete", "team-a", "--yes", *data)
    assert "can't be deleted" in refused("project", "delete", "default", "--yes", *data)
    acts = done("audit", "--project", "team-a", *data)
    assert [word in acts for word in ("create project", "set project", "create key")] == [True] * 3
    assert "delete project" in done("audit", *data)


def test_a_project_is_deleted_with_its_files_while_a_server_has_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        done("project", "create", "a", "--data", str(data))
        key = done("keys", "create", "--scope", "admin", "--project", "a", "--data", str(data)).strip()
        body, headers = trace_request(span("a", 1)).SerializeToString(), {"content-type": "application/x-protobuf"}
        sent = httpx.post(f"{server.http}/v1/traces", content=body, headers={**headers, "x-api-key": key}, timeout=30)
        assert sent.status_code == 200
        assert stored_in(server.http, key) == [TRACE]
        assert (data / "projects" / "a" / FILE_NAME).exists()
        assert "Deleted a." in done("project", "delete", "a", "--yes", "--data", str(data))
        assert not (data / "projects" / "a").exists()
        assert httpx.get(f"{server.http}/readyz", timeout=30).status_code == 200


def stored_in(address: str, key: str) -> list[str]:
    answer = httpx.get(f"{address}/api/v1/traces", headers={"x-api-key": key}, timeout=30)
    return [one["trace_id"] for one in answer.json()["traces"]]


def test_the_commands_on_the_folder_take_the_project(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Keyring(data).closing() as keyring:
        for name in ("a", "b"):
            keyring.create_project(name, ProjectSettings(), 8)
    for name in ("a", "b"):
        fill(data, name)
    assert "There is no project c" in refused("backup", str(tmp_path / "c"), "--project", "c", "--data", str(data))
    done("backup", str(tmp_path / "copy"), "--project", "a", "--data", str(data))
    assert stored(tmp_path / "copy") == ["of a"]
    assert "erased" in done("erase", "--trace", TRACE, "--project", "a", "--data", str(data))
    assert (stored(data / "projects" / "a"), stored(data / "projects" / "b")) == ([], ["of b"])
    assert "Nothing was lost." in done("repair", "--project", "b", "--data", str(data))
    assert "erase trace" in done("audit", "--project", "a", "--data", str(data))


def test_the_commands_through_the_server_take_the_project(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Walled(data, "a", "b") as server:
        for name in ("a", "b", "default"):
            server.of(name).send("traces", trace_request(span(f"of {name}", 1)))
        place = ("--data", str(data), "--port", server.addresses.http.rpartition(":")[2])
        done("backup", str(tmp_path / "copy"), "--project", "a", *place)
        assert stored(tmp_path / "copy") == ["of a"]
        lines = done("export", "spans", "--project", "b", *place).splitlines()
        assert [json.loads(line)["name"] for line in lines] == ["of b"]
        assert "erased" in done("erase", "--trace", TRACE, "--project", "a", *place)
        assert (server.of("a").trace_ids(), server.of("b").trace_ids()) == ([], [TRACE])
        of_server = server.make(None)
        lines = done("export", "spans", "--project", "b", *place, LLM_TRACING_API_KEY=of_server).splitlines()
        assert [json.loads(line)["name"] for line in lines] == ["of b"]
        wrong = refused("export", "spans", "--project", "b", *place, LLM_TRACING_API_KEY=server.make("a"))
        assert "does not open that project" in wrong
        assert {key.name for key in server.keyring.all()} == {"test"}  # what was made for a command is gone with it
