"""The application of one project, and what is around those of all."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from llm_tracing.access.gate import Gate
from llm_tracing.access.keyring import Keyring
from llm_tracing.api import errors as api_errors
from llm_tracing.api.annotations import annotation_router
from llm_tracing.api.cancelling import CancelOnDisconnect
from llm_tracing.api.catching_up import CatchingUp
from llm_tracing.api.changes_routes import changes_router
from llm_tracing.api.data import data_router
from llm_tracing.api.dispatching import Dispatch
from llm_tracing.api.doctor import doctor_router
from llm_tracing.api.entry import CALLER, Entry
from llm_tracing.api.export_routes import export_router
from llm_tracing.api.folds import fold_router
from llm_tracing.api.import_routes import import_router
from llm_tracing.api.langsmith import langsmith_routes
from llm_tracing.api.lens_routes import lens_router
from llm_tracing.api.login import login_router
from llm_tracing.api.measuring import Measuring
from llm_tracing.api.progress import progress_router
from llm_tracing.api.redaction import redaction_router
from llm_tracing.api.routes import router
from llm_tracing.api.schema import ApiError
from llm_tracing.api.search_routes import search_router
from llm_tracing.api.settings_routes import settings_router
from llm_tracing.api.store_routes import store_router
from llm_tracing.api.tree_routes import tree_router
from llm_tracing.api.view_routes import view_router
from llm_tracing.config import ServerSettings
from llm_tracing.observing.collect import CONTENT_TYPE
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.http import otlp_routes
from llm_tracing.receive.langsmith import run_routes
from llm_tracing.serving.projects import Projects
from llm_tracing.serving.stack import Stack
from llm_tracing.ui import page_or, ui_routes

_NOT_READY: dict[int | str, dict[str, Any]] = {503: {"model": ApiError, "description": "It does not do its work"}}


@dataclass(frozen=True, slots=True)
class Shared:
    """What the applications of all projects answer alike, as it is the server's."""

    gate: Gate
    check: Callable[[bool], None]  # told whether only reading is asked about
    metrics_text: Callable[[str | None], bytes]


def create_app(stack: Stack, shared: Shared) -> FastAPI:
    """The application of one project: OTLP/HTTP, LangSmith's protocol, JSON API, health and the web UI.

    It asks nobody who they are: `guarded` does, for all of them.
    """
    settings, store, ingest, prices = stack.settings, stack.store, stack.ingest, stack.prices
    live, book, views = stack.live, stack.book, stack.views
    app = FastAPI(title="LLM Tracing", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    api_errors.install(app)
    app.add_middleware(CancelOnDisconnect, but="/api/v1/live")
    app.add_middleware(CatchingUp, answering=ingest, but="/api/v1/live")

    @app.get("/healthz", tags=["health"], response_class=PlainTextResponse)
    async def healthz() -> PlainTextResponse:
        """The process is alive."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz", tags=["health"], response_class=PlainTextResponse, responses=_NOT_READY)
    async def readyz(of: Annotated[Literal["all", "reading"], Query(alias="for")] = "all") -> Response:
        """The stores answer, the disk has room, the writers write, and what is too old goes; or only the first."""
        await asyncio.to_thread(shared.check, of == "reading")
        return PlainTextResponse("ready\n")

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    async def metrics(request: Request) -> Response:
        """The figures of the project, to a key of the server those of all, in Prometheus' text form."""
        project = request.scope[CALLER].project
        return Response(await asyncio.to_thread(shared.metrics_text, project), headers={"Content-Type": CONTENT_TYPE})

    app.include_router(login_router(shared.gate))
    app.include_router(redaction_router(store))
    app.include_router(export_router(store, prices))  # before the trace with an id
    app.include_router(import_router(ingest, settings.max_body))
    app.include_router(router(store, prices, live, book, views))
    app.include_router(tree_router(store, prices, book, views))
    app.include_router(fold_router(book))
    receivers = [
        *otlp_routes(ingest, settings.max_body, stack.in_flight),
        *run_routes(ingest, settings.max_body, stack.in_flight),
    ]
    app.include_router(doctor_router(ingest.senders, store, receivers, book))
    app.include_router(annotation_router(store, ingest, live))
    app.include_router(progress_router(settings.data))
    app.include_router(settings_router(settings, store, prices, stack.name, stack.own))
    app.include_router(store_router(store))
    app.include_router(changes_router(store, views))
    app.include_router(lens_router(store, stack.lens))
    app.include_router(search_router(store))
    app.include_router(view_router(store, ingest))
    app.include_router(data_router(store, ingest, settings.data))
    app.router.routes.extend(langsmith_routes(store, ingest, prices, live, settings.max_body))
    app.router.routes.extend(receivers)
    app.router.routes.extend(ui_routes())
    app.router.default = page_or(app.router.default)
    return app


def guarded(projects: Projects, gate: Gate, settings: ServerSettings, traces: OwnTraces) -> ASGIApp:
    """All that is served over HTTP: measured, let in by the gate, and given to the application of its project."""
    entry = Entry(Dispatch(projects), gate, settings.accepted_hosts())
    return ServerErrorMiddleware(Measuring(entry, projects.figures, traces), handler=api_errors.of_bugs)


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the JSON API, as /api/openapi.json gives it."""
    with TemporaryDirectory() as folder:
        stack, keyring = Stack(ServerSettings(data=Path(folder))), Keyring(Path(folder))
        try:
            shared = Shared(Gate(keyring, required=False), lambda _: stack.ready.check(), lambda _: b"")
            return create_app(stack, shared).openapi()
        finally:
            keyring.close()
            stack.close()
