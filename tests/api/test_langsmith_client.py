"""LangSmith's own client reads runs, gives feedback and keeps projects here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from langsmith import Client
from langsmith import utils as ls_utils

from llm_tracing.api import schema
from tests.api.langsmith_history import CALL, OTHER, PENDING, ROOT, TOOL, TWIN, everything, run, send, span_id
from tests.running import Running

# The client warns of methods that its own cloud will drop next year.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for tests that only read."""
    with Running(tmp_path_factory.mktemp("runs")) as started:
        send(started, *everything())
        yield started


@pytest.fixture(scope="module", params=["/langsmith", "/langsmith/api/v1"])
def reader(request: pytest.FixtureRequest, read_only: Running) -> Iterator[Client]:
    yield from _client(read_only, request.param)


@pytest.fixture
def langsmith(server: Running) -> Running:
    send(server, *everything())
    return server


@pytest.fixture
def client(langsmith: Running) -> Iterator[Client]:
    yield from _client(langsmith, "/langsmith")


def _client(server: Running, prefix: str) -> Iterator[Client]:
    made = Client(
        api_url=server.addresses.http + prefix,
        api_key="x",
        web_url=server.addresses.http,
        auto_batch_tracing=False,
        retry_config=0,  # type: ignore[arg-type] # a count is taken
    )
    yield made
    made.session.close()


def test_a_run_is_read_whole(reader: Client) -> None:
    found = reader.read_run(ROOT)
    assert (found.id, found.trace_id, found.name, found.run_type, found.status) == (
        ROOT,
        ROOT,
        "ask",
        "chain",
        "success",
    )
    assert found.inputs == {"question": "most popular albums"}
    assert found.outputs == {"answer": "Minha Historia " * 40}
    assert found.start_time == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert found.latency == 2.0
    assert found.metadata == {"thread_id": "t1", "user": "u7", "level": 3}
    assert (found.extra or {})["runtime"] == {"sdk": "langsmith-py"}
    assert (found.tags, found.parent_run_id, found.error) == (["beta", "shop"], None, None)


def test_a_model_run_has_its_tokens_cost_and_place(reader: Client) -> None:
    found = reader.read_run(CALL)
    assert (found.prompt_tokens, found.completion_tokens, found.total_tokens) == (1_000, 50, 1_050)
    assert str(found.total_cost) == "0.00018"
    assert (found.parent_run_id, found.parent_run_ids) == (ROOT, [ROOT])
    assert found.dotted_order.endswith(str(CALL))
    assert (found.inputs, found.outputs, found.events) == ({"input": "plain text"}, None, [{"name": "new_token"}])
    assert found.tags == ["prod"]


def test_runs_that_share_the_first_bytes_of_their_ids_are_told_apart(reader: Client) -> None:
    assert [reader.read_run(one).name for one in (CALL, TWIN)] == ["model", "twin"]
    assert [one.id for one in reader.list_runs(run_ids=[TWIN])] == [TWIN]


def test_failed_and_running_runs_say_so(reader: Client) -> None:
    failed, pending = reader.read_run(TOOL), reader.read_run(PENDING)
    assert (failed.status, failed.error) == ("error", "KeyError('x')")
    assert (pending.status, pending.end_time, pending.latency) == ("pending", None, None)


def test_child_runs_are_loaded_into_their_tree(reader: Client) -> None:
    send_ordered = reader.read_run(ROOT, load_child_runs=True)
    assert [child.id for child in send_ordered.child_runs or []] == [CALL]  # the tool says no dotted order


def test_an_unknown_run_is_not_found(reader: Client) -> None:
    with pytest.raises(ls_utils.LangSmithNotFoundError):
        reader.read_run(uuid4())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"project_name": "shop"}, [OTHER, TOOL, CALL, ROOT]),
        ({"project_name": ["shop", "lab"], "is_root": True}, [TWIN, PENDING, OTHER, ROOT]),
        ({"project_name": "shop", "run_type": "llm"}, [CALL]),
        ({"project_name": "shop", "error": True}, [TOOL]),
        ({"project_name": "shop", "error": False}, [OTHER, CALL, ROOT]),
        ({"project_name": "shop", "limit": 2}, [OTHER, TOOL]),
        ({"trace_id": ROOT}, [TOOL, CALL, ROOT]),
        ({"parent_run_id": ROOT}, [TOOL, CALL]),
        ({"run_ids": [CALL, PENDING]}, [PENDING, CALL]),
        ({"start_time": datetime(2026, 11, 23, 12, 0, 10, tzinfo=UTC)}, [TWIN, PENDING, OTHER]),
        ({"start_time": datetime(2026, 11, 23, 12, 0, 10), "end_time": "2026-11-23T12:00:13Z"}, [OTHER]),
        ({"project_name": "shop", "order": "asc", "limit": 2}, [ROOT, CALL]),
        ({"execution_order": 1, "project_name": "lab"}, [TWIN, PENDING]),
        ({"query": "ALBUMS"}, [ROOT]),
        ({"filter": 'and(eq(run_type, "chain"), gt(latency, 2))'}, [OTHER]),
        ({"filter": 'gt(total_tokens, 1000)'}, [CALL]),
        ({"filter": 'and(gt(start_time, "2026-11-23T12:00:00Z"), lt(start_time, "2026-11-23T12:00:20Z"))'},
         [OTHER, TOOL, CALL]),
        ({"filter": 'and(lte(start_time, "2026-11-23T12:00:00.400Z"), neq(run_type, "tool"))'}, [CALL, ROOT]),
        ({"filter": "neq(error, null)"}, [TOOL]),
        ({"filter": 'has(tags, "prod")'}, [CALL]),
        ({"filter": f'eq(trace_id, "{ROOT}")', "run_type": "tool"}, [TOOL]),
        ({"filter": 'eq(name, "ask")', "trace_filter": 'has(tags, "beta")'}, [ROOT]),
        ({"filter": "eq(is_root, true)", "tree_filter": 'eq(status, "error")'}, [ROOT]),
        ({"filter": 'and(eq(metadata_key, "user"), eq(metadata_value, "u7"))', "limit": 1}, [ROOT]),
    ],
)  # fmt: skip
def test_runs_are_listed_by_what_they_are(reader: Client, asked: dict[str, Any], found: list[UUID]) -> None:
    assert [one.id for one in reader.list_runs(**asked)] == found


def test_a_long_list_comes_in_pages(client: Client, langsmith: Running) -> None:
    ids = [UUID(int=(n << 64) + n) for n in range(1, 231)]
    send(langsmith, *(run(one, one, service="many", start=10**18 + place) for place, one in enumerate(ids)))
    assert [one.id for one in client.list_runs(project_name="many")] == ids[::-1]
    assert [one.id for one in client.list_runs(project_name="many", limit=150, order="asc")] == ids[:150]


def test_only_what_is_selected_comes_with_what_a_run_cannot_lack(read_only: Running) -> None:
    [found] = read_only.http.post("/langsmith/runs/query", json={"id": [str(CALL)], "select": ["inputs"]}).json()[
        "runs"
    ]
    assert found.keys() == {"id", "name", "run_type", "start_time", "trace_id", "session_id", "inputs"}


def test_feedback_is_given_read_changed_listed_and_deleted(client: Client, langsmith: Running) -> None:
    said = client.create_feedback(CALL, "quality", score=0.5, value={"a": 1}, comment="fine", source_info={"by": "me"})
    found = client.read_feedback(said.id)
    assert (found.run_id, found.trace_id, found.key, found.score) == (CALL, ROOT, "quality", 0.5)
    assert (found.value, found.comment) == ({"a": 1}, "fine")
    assert found.feedback_source is not None
    assert (found.feedback_source.type, found.feedback_source.metadata) == ("api", {"by": "me"})
    assert found.created_at == said.created_at

    client.update_feedback(said.id, score=True, comment=None, correction={"b": 2})
    found = client.read_feedback(said.id)
    assert (found.score, found.comment, found.correction, found.value) == (1.0, None, {"b": 2}, {"a": 1})

    client.create_feedback(trace_id=ROOT, key="thumbs", score=1, feedback_source_type="model")
    client.create_feedback(run_id=TOOL, trace_id=ROOT, key="thumbs", score=0)
    assert [(one.key, one.run_id) for one in client.list_feedback(run_ids=[CALL, ROOT])] == [
        ("thumbs", ROOT), ("quality", CALL),
    ]  # fmt: skip
    assert [one.run_id for one in client.list_feedback(feedback_key=["thumbs"], limit=1)] == [TOOL]
    assert [one.run_id for one in client.list_feedback(feedback_source_type=["model"])] == [ROOT]  # type: ignore[list-item]

    detail = langsmith.trace(ROOT.hex)
    assert {one.name: [said.key for said in one.annotations] for one in detail.spans} == {
        "ask": ["thumbs"], "model": ["quality"], "lookup": ["thumbs"],
    }  # fmt: skip
    assert client.read_run(CALL).feedback_stats == {"quality": {"n": 1, "avg": 1.0}}
    assert [one.id for one in client.list_runs(filter='and(eq(feedback_key, "thumbs"), eq(feedback_score, 0))')] == [
        TOOL
    ]

    client.delete_feedback(said.id)
    with pytest.raises(ls_utils.LangSmithNotFoundError):
        client.read_feedback(said.id)


def test_feedback_may_come_before_its_run(client: Client, langsmith: Running) -> None:
    late = uuid4()
    said = client.create_feedback(late, "early", score=1)
    assert client.read_feedback(said.id).trace_id is None
    send(langsmith, run(late, late))
    assert client.read_feedback(said.id).trace_id == late
    [shown] = langsmith.get(f"/traces/{late.hex}/spans/{span_id(late):016x}", schema.Span).annotations
    assert (shown.key, shown.run_id) == ("early", str(late))


def test_feedback_of_a_project_is_found_by_the_project(client: Client) -> None:
    project = client.read_project(project_name="shop")
    client.create_feedback(project_id=project.id, key="summary", score=0.9)
    [found] = client.list_feedback(session=[str(project.id)])
    assert (found.run_id, found.session_id, found.key) == (None, project.id, "summary")


def test_projects_are_those_with_runs_and_those_created(client: Client) -> None:
    assert (client.has_project("shop"), client.has_project("new")) == (True, False)
    made = client.create_project("new", description="for tests", metadata={"a": 1})
    assert (made.name, made.description, made.metadata) == ("new", "for tests", {"a": 1})
    assert client.read_project(project_name="new").id == client.read_project(project_id=str(made.id)).id == made.id
    assert {one.name for one in client.list_projects()} == {"shop", "lab", "new"}
    assert [one.name for one in client.list_projects(name_contains="HO")] == ["shop"]
    assert [one.name for one in client.list_projects(project_ids=[made.id])] == ["new"]
    assert [one.name for one in client.list_projects(metadata={"a": 1})] == ["new"]
    assert [one.run_count for one in client.list_projects(name="shop", include_stats=True)] == [4]
    assert client.update_project(made.id, description="changed", metadata={"b": 2}).description == "changed"
    assert list(client.list_runs(project_name="new")) == []
    client.delete_project(project_name="new")
    assert not client.has_project("new")


def test_a_project_that_is_there_is_not_created_twice(client: Client) -> None:
    with pytest.raises(ls_utils.LangSmithConflictError):
        client.create_project("shop")
    assert client.create_project("shop", upsert=True).id == client.read_project(project_name="shop").id


def test_deleting_a_project_with_runs_says_that_they_stay(client: Client, langsmith: Running) -> None:
    project = client.create_project("shop", upsert=True, description="ours")
    answer = langsmith.http.delete(f"/langsmith/sessions/{project.id}")
    assert (answer.status_code, "4 runs stay" in answer.json()["message"]) == (202, True)
    assert client.read_project(project_name="shop").description is None


def test_the_address_of_a_run_leads_to_its_page(reader: Client, read_only: Running) -> None:
    found = reader.read_run(CALL)
    page = f"/traces/{ROOT.hex}?span={span_id(CALL):016x}"
    assert found.url == read_only.addresses.http + page
    answer = httpx.get(reader.get_run_url(run=found), trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (307, page)


@pytest.mark.parametrize(
    ("method", "path", "body", "refused"),
    [
        ("POST", "/runs/query", {"filter": "sort(name)"}, (422, "No function is called sort")),
        ("POST", "/runs/query", {"filter": "eq(colour, 1)"}, (422, "no field is called colour")),
        ("POST", "/runs/query", {"filter": "eq(name"}, (422, "ends too early")),
        ("POST", "/runs/query", {"session": ["shop"]}, (422, "session must be a uuid")),
        ("POST", "/runs/query", {"limit": 0}, (422, "limit must be")),
        ("POST", "/runs/query", {"cursor": "x"}, (400, "none of ours")),
        ("POST", "/runs/query", [], (422, "must be a JSON object")),
        ("GET", f"/runs/{uuid4()}", None, (404, "No run")),
        ("GET", f"/sessions/{uuid4()}", None, (404, "No project")),
        ("DELETE", f"/sessions/{uuid4()}", None, (404, "No project")),
        ("POST", "/sessions", {"name": ""}, (422, "needs a name")),
        ("POST", "/feedback", {"key": "k"}, (422, "run_id, trace_id or session_id")),
        ("POST", "/feedback", {"run_id": str(ROOT), "score": "high"}, (422, "score must be")),
        ("GET", "/feedback?user=me", None, (422, "can't be filtered by user")),
        ("GET", "/feedback?run=1", None, (422, "run must be a uuid")),
        ("GET", f"/feedback/{uuid4()}", None, (404, "No feedback")),
        ("PATCH", f"/feedback/{uuid4()}", {"score": 1}, (404, "No annotation")),
        ("DELETE", f"/feedback/{uuid4()}", None, (404, "No annotation")),
    ],
)
def test_what_cannot_be_answered_says_why(
    read_only: Running, method: str, path: str, body: Any, refused: tuple[int, str]
) -> None:
    answer = read_only.http.request(method, f"/langsmith{path}", json=body)
    assert (answer.status_code, refused[1] in answer.json()["detail"]) == (refused[0], True), answer.text


def test_a_page_of_somebody_else_cannot_write(server: Running) -> None:
    body = {"run_id": str(ROOT), "key": "k"}
    answer = server.http.post("/langsmith/feedback", json=body, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert server.http.get("/langsmith/feedback").json() == []
