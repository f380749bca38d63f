"""The read side of LangSmith's protocol, and its feedback and projects: what a client asks that has sent its runs.

Served under /langsmith and /langsmith/api/v1: users copy the cloud's address with its path. An error is
{"detail": "..."}, as its clients expect.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from llm_tracing.api import langsmith_feedback as feedback
from llm_tracing.api import langsmith_projects as projects
from llm_tracing.api.annotations import batch_of, change_annotation, delete_annotation
from llm_tracing.api.guard import check_origin
from llm_tracing.api.langsmith_request import names_by_id, read_request
from llm_tracing.api.langsmith_runs import run_id_of, run_json
from llm_tracing.api.langsmith_search import feedback_of, find
from llm_tracing.api.live import Live
from llm_tracing.api.parts import json_response
from llm_tracing.errors import LlmTracingError, NotFound, QueryError, ReceiveError, StoreError, Unprocessable
from llm_tracing.model import SpanRecord
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.langsmith_feedback import annotation_row, as_score
from llm_tracing.normalize.langsmith_ids import possible_span_ids
from llm_tracing.normalize.values import from_json_text
from llm_tracing.receive.http import read_body
from llm_tracing.receive.sink import Commits
from llm_tracing.store.contract import RunPage, Store, StoredRuns

PREFIXES = ("/langsmith", "/langsmith/api/v1")
Handler = Callable[[Request], Awaitable[Response]]


def failure(error: LlmTracingError) -> Response:
    """An error as LangSmith's clients read it."""
    status = (
        error.status if isinstance(error, QueryError | ReceiveError) else 503 if isinstance(error, StoreError) else 500
    )
    answer = json_response({"detail": error.line()}, status)
    if status == 503:
        answer.headers["Retry-After"] = "1"
    return answer


def _endpoint(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            if request.method != "GET":
                check_origin(request)
            return await handler(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except LlmTracingError as error:
            return failure(error)

    return answer


async def _body(request: Request, limit: int) -> dict[str, Any]:
    """The JSON object of a request. Raises Unprocessable, ReceiveError."""
    text = await read_body(request, limit)
    try:
        found = orjson.loads(text)
    except ValueError:
        found = from_json_text(text.decode("utf-8", "replace"))  # Python writes NaN
    if not isinstance(found, dict):
        raise Unprocessable("The body must be a JSON object.")
    return found


def _parameters(request: Request) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return found


class _LangSmith:
    def __init__(self, store: Store, commits: Commits, prices: Prices, live: Live, max_body: int) -> None:
        self._store, self._commits, self._prices, self._live = store, commits, prices, live
        self._max_body = max_body

    async def read_run(self, request: Request) -> Response:
        run_id: UUID = request.path_params["run_id"]
        return json_response(await asyncio.to_thread(self._run, run_id))

    def _run(self, run_id: UUID) -> dict[str, Any]:
        stored, record = self._stored_run(run_id)
        rows = feedback_of(self._store, [run_id]).get(run_id.bytes, [])
        return run_json(record, stored.payloads, self._prices, rows)

    def _stored_run(self, run_id: UUID) -> tuple[StoredRuns, SpanRecord]:
        stored = self._store.runs(RunPage(span_ids=possible_span_ids(run_id)))
        for record in stored.spans:
            if run_id_of(record, from_json(record.attributes)) == run_id:
                return stored, record
        raise NotFound(f"No run {run_id} is stored.", "It may not have arrived yet.")

    async def open_run(self, request: Request) -> Response:
        """The page of a run, under the address that get_run_url() gives."""
        _, record = await asyncio.to_thread(self._stored_run, request.path_params["run_id"])
        return RedirectResponse(f"/traces/{record.trace_id.hex()}?span={record.span_id:016x}")

    async def query_runs(self, request: Request) -> Response:
        body = await _body(request, self._max_body)
        found, cursor = await asyncio.to_thread(self._find, body)
        return json_response({"runs": found, "cursors": {"next": cursor}})

    def _find(self, body: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
        names = projects.Projects.read(self._store).names() if body.get("session") is not None else []
        return find(self._store, self._prices, read_request(body, names_by_id(names)))

    async def list_projects(self, request: Request) -> Response:
        parameters = _parameters(request)
        known = await asyncio.to_thread(projects.Projects.read, self._store)
        found = projects.matching(known.all(), parameters)
        limit = feedback.number("limit", parameters, 100, 1_000)
        offset = feedback.number("offset", parameters, 0, 2**31)
        return json_response(found[offset : offset + limit])

    async def read_project(self, request: Request) -> Response:
        return json_response(await asyncio.to_thread(self._project, request.path_params["project_id"]))

    def _project(self, identifier: UUID) -> dict[str, Any]:
        return projects.Projects.read(self._store).json(identifier)

    async def create_project(self, request: Request) -> Response:
        body = await _body(request, self._max_body)
        upsert = request.query_params.get("upsert", "").lower() in ("true", "1")
        identifier = await self._write(lambda: projects.create(self._store, body, upsert=upsert))
        return json_response(await asyncio.to_thread(self._project, identifier))

    async def change_project(self, request: Request) -> Response:
        body, identifier = await _body(request, self._max_body), request.path_params["project_id"]
        await self._write(lambda: projects.change(self._store, identifier, body))
        return json_response(await asyncio.to_thread(self._project, identifier))

    async def delete_project(self, request: Request) -> Response:
        identifier = request.path_params["project_id"]
        return json_response({"message": await self._write(lambda: projects.forget(self._store, identifier))}, 202)

    async def create_feedback(self, request: Request) -> Response:
        body = await _body(request, self._max_body)
        if body.get("score") is not None and as_score(body["score"]) is None:
            raise Unprocessable("score must be a number or a boolean.")
        row = annotation_row(body)
        if row.run_id is None and body.get("session_id") is None:
            raise Unprocessable("Feedback needs the uuid of what it is of.", "Give run_id, trace_id or session_id.")
        await asyncio.wrap_future(self._commits.submit_batch(batch_of(row)))
        return await self._feedback(UUID(bytes=row.annotation_id))

    async def list_feedback(self, request: Request) -> Response:
        rows = await asyncio.to_thread(self._store.annotations, feedback.page_of(_parameters(request)))
        return json_response([feedback.feedback_json(row) for row in rows])

    async def read_feedback(self, request: Request) -> Response:
        return await self._feedback(request.path_params["feedback_id"])

    async def _feedback(self, identifier: UUID) -> Response:
        rows = await asyncio.to_thread(self._store.annotations_by_id, [identifier.bytes])
        if not rows:
            raise NotFound(f"No feedback {identifier} is stored.", "It may have been deleted.")
        return json_response(feedback.feedback_json(rows[0]))

    async def change_feedback(self, request: Request) -> Response:
        changes = feedback.changes_of(await _body(request, self._max_body))
        identifier = request.path_params["feedback_id"]
        row = await change_annotation(self._store, self._commits, self._live, identifier, changes)
        return json_response(feedback.feedback_json(row))

    async def delete_feedback(self, request: Request) -> Response:
        await delete_annotation(self._store, self._commits, self._live, request.path_params["feedback_id"])
        return json_response({"message": "The feedback is deleted."})

    async def _write(self, job: Callable[[], Any]) -> Any:
        return await asyncio.wrap_future(self._commits.run(job))


def langsmith_routes(store: Store, commits: Commits, prices: Prices, live: Live, max_body: int) -> list[Route]:
    answers = _LangSmith(store, commits, prices, live, max_body)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("POST", "/runs/query", answers.query_runs),
        ("GET", "/runs/{run_id:uuid}", answers.read_run),
        ("GET", "/sessions", answers.list_projects),
        ("POST", "/sessions", answers.create_project),
        ("GET", "/sessions/{project_id:uuid}", answers.read_project),
        ("PATCH", "/sessions/{project_id:uuid}", answers.change_project),
        ("DELETE", "/sessions/{project_id:uuid}", answers.delete_project),
        ("GET", "/feedback", answers.list_feedback),
        ("POST", "/feedback", answers.create_feedback),
        ("GET", "/feedback/{feedback_id:uuid}", answers.read_feedback),
        ("PATCH", "/feedback/{feedback_id:uuid}", answers.change_feedback),
        ("DELETE", "/feedback/{feedback_id:uuid}", answers.delete_feedback),
    )
    open_run = _endpoint(answers.open_run)
    return [
        *(
            Route(f"{prefix}{path}", _endpoint(handler), methods=[method])
            for prefix in PREFIXES
            for method, path, handler in table
        ),
        *(
            Route(f"{prefix}/o/{{tenant}}/projects/p/{{project}}/r/{{run_id:uuid}}", open_run, methods=["GET"])
            for prefix in ("", "/langsmith")
        ),
    ]
