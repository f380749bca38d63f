"""The HTTP side of the reference service: `/ask`, `/rolldice`, `/healthz` and the chat page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import fastapi
from fastapi import Query
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from opentelemetry.instrumentation.utils import suppress_instrumentation
from starlette.middleware.trustedhost import TrustedHostMiddleware

from llm_tracing.qa.chain import QuestionChain
from llm_tracing.qa.database import open_database
from llm_tracing.qa.dice import Dice
from llm_tracing.qa.model import choose_model, open_model
from llm_tracing.qa.settings import QaSettings
from llm_tracing.qa.shapes import AnswerReply, ErrorReply, Question, answer_reply
from llm_tracing.qa.tracing import current_trace_id, note_conversation, trace_url
from llm_tracing.qa.web import BodyLimit, SecurityHeaders, error_response, install_error_shape

STATIC = Path(__file__).parent / "static"

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorReply, "description": description}
    for status, description in {
        422: "The question is empty, too long, or the body is malformed",
        502: "The model's endpoint failed",
        503: "The database cannot be reached",
        504: "The model's endpoint gave no answer in time",
    }.items()
}


def create_app(settings: QaSettings, *, offline_base_url: str | None = None) -> fastapi.FastAPI:
    """The ASGI app. Call it after telemetry is configured: engine, client and app are made here.

    `offline_base_url` is where the offline model listens, needed when no model is set. Raises DatabaseProblem
    or SettingsProblem when the service cannot work as it is set up.
    """
    choice = choose_model(settings, offline_base_url)
    model = open_model(choice, settings)
    # Some 170 statements that answer nobody's question; each would be a trace of its own.
    with suppress_instrumentation():
        database = open_database(settings)
        database.schema_text()  # a database that cannot be read is told now, not at the first question
    chain = QuestionChain(database, model, choice, settings)

    @asynccontextmanager
    async def lifespan(_app: fastapi.FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    # The class is looked up now: instrumentation replaces it in its module.
    app = fastapi.FastAPI(
        title="Questions about a database",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    install_error_shape(app, settings.ui_url)
    app.add_middleware(BodyLimit)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.accepted_hosts, www_redirect=False)
    app.add_middleware(SecurityHeaders)
    _add_ask(app, chain, choice.name, settings)
    _add_rest(app)
    return app


def _add_ask(app: fastapi.FastAPI, chain: QuestionChain, model: str, settings: QaSettings) -> None:
    def answer(asked: Question) -> AnswerReply | JSONResponse:
        question = asked.question.strip()
        if not question:
            return error_response(422, "empty_question", "The question is empty.", "Ask something about the data.")
        allowed = settings.max_question_chars
        if len(question) > allowed:
            return error_response(
                422,
                "question_too_long",
                f"The question has {len(question):,} characters; {allowed:,} are allowed.",
                "Shorten it, or raise LLM_TRACING_QA_MAX_QUESTION_CHARS.",
            )
        note_conversation(asked.session_id, asked.user_id)
        ended = chain.ask(question, session_id=asked.session_id, user_id=asked.user_id)
        trace_id = current_trace_id()
        return answer_reply(
            question, ended, model=model, trace_id=trace_id, trace_url=trace_url(settings.ui_url, trace_id)
        )

    # Plain functions: FastAPI runs them in its worker threads, with the request's context.
    @app.get("/ask", response_model=AnswerReply, responses=_ERRORS)
    def ask_by_query(
        question: str = "",
        session_id: Annotated[str | None, Query(max_length=200)] = None,
        user_id: Annotated[str | None, Query(max_length=200)] = None,
    ) -> AnswerReply | JSONResponse:
        return answer(Question(question=question, session_id=session_id, user_id=user_id))

    @app.post("/ask", response_model=AnswerReply, responses=_ERRORS)
    def ask_by_body(asked: Question) -> AnswerReply | JSONResponse:
        return answer(asked)


def _add_rest(app: fastapi.FastAPI) -> None:
    dice = Dice()

    @app.get("/rolldice")
    def roll_dice(player: Annotated[str | None, Query(max_length=200)] = None) -> int:
        return dice.roll(player)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
