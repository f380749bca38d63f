"""What one trace is about, and its 40 spans in the form of OpenTelemetry's instrumentations for Python.

The server span with two sends (FastAPI), a workflow of three steps, two model calls and the tool that runs the SQL
(LangChain), two HTTP requests (httpx), and 29 connects and statements (SQLAlchemy).
"""

import json
from random import Random
from typing import Any, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SPANS_PER_TRACE = 40

_INTERNAL, _SERVER, _CLIENT = Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT
_FASTAPI, _HTTPX, _SQLALCHEMY = (f"opentelemetry.instrumentation.{name}" for name in ("fastapi", "httpx", "sqlalchemy"))
_GENAI = "opentelemetry.util.genai.handler"

MODELS = (
    ("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    ("openai", "gpt-4o", "gpt-4o-2024-08-06"),
    ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("openai", "gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"),
)
_TABLES = (
    "Album",
    "Artist",
    "Customer",
    "Employee",
    "Genre",
    "Invoice",
    "InvoiceLine",
    "MediaType",
    "Playlist",
    "Track",
)
_THINGS = ("albums", "artists", "customers", "tracks", "genres", "invoices", "playlists", "employees")
_PLACES = ("Brazil", "Canada", "Chile", "France", "Germany", "India", "Norway", "Portugal", "Spain", "Sweden")
_SYSTEM = (  # 2.3 kB
    "You write SQLite queries. Reply with one read-only SELECT statement and nothing else. If the question cannot be "
    "answered from this schema, reply with one sentence that says why.\n\nSchema:\n"
    + "\n\n".join(
        f'CREATE TABLE "{table}" (\n  "{table}Id" INTEGER NOT NULL,\n  "Name" NVARCHAR(120),\n  "Title" NVARCHAR(160) '
        f'NOT NULL,\n  "Country" NVARCHAR(40),\n  "UnitPrice" NUMERIC(10, 2) NOT NULL,\n  PRIMARY KEY ("{table}Id")\n)'
        for table in _TABLES
    )
)
_WORDING = (
    "You answer questions about a database from the result of a query. Use only the result. If the result is empty, "
    "say so."
)


class Step(NamedTuple):
    """A span of the trace before it has ids: its parent's place in the list, and milliseconds since the question."""

    scope: str
    name: str
    kind: "Span.SpanKind.ValueType"
    parent: int | None
    start_ms: float
    end_ms: float
    attributes: list[KeyValue]


def _value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_value(item) for item in value]))
    return AnyValue(string_value=value)


def attributes(**values: Any) -> list[KeyValue]:
    """KeyValues; `__` in a name stands for a dot."""
    return [KeyValue(key=key.replace("__", "."), value=_value(value)) for key, value in values.items()]


_SEND_START = attributes(
    asgi__event__type="http.response.start", http__status_code=200, http__response__status_code=200
)
_SEND_BODY = attributes(asgi__event__type="http.response.body")
_CONNECT = attributes(db__name="chinook.db", db__namespace="chinook.db", db__system="sqlite", db__system__name="sqlite")
_INSPECT = [
    attributes(
        db__statement=text,
        db__query__text=text,
        db__name="chinook.db",
        db__namespace="chinook.db",
        db__system="sqlite",
        db__system__name="sqlite",
    )
    for text in (
        "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name",
        *(f'SELECT sql FROM (SELECT * FROM sqlite_master) WHERE name = ? -- "{table}"' for table in _TABLES),
    )
]


def _messages(*messages: tuple[str, str]) -> str:
    return json.dumps(
        [{"role": role, "parts": [{"content": text, "type": "text"}], "name": None} for role, text in messages],
        ensure_ascii=False,
        separators=(",", ":"),
    )


class Question(NamedTuple):
    """What one trace is about."""

    number: int
    asked: str
    sql: str
    rows: str
    answered: str
    provider: str
    model: str
    answering_model: str
    session: str
    user: str
    failed: bool


def make_question(number: int, dice: Random) -> Question:
    thing, place = dice.choice(_THINGS), dice.choice(_PLACES)
    table = dice.choice(_TABLES)
    top = dice.randint(3, 60)
    provider, model, answering = dice.choice(MODELS)
    counts = sorted((dice.randint(1, 400) for _ in range(5)), reverse=True)
    names = [f"{dice.choice(_THINGS).title()} of {dice.choice(_PLACES)} no. {dice.randint(1, 9_999)}" for _ in range(5)]
    return Question(
        number,
        f"list the {top} most popular {thing} in {place}, request {number}",
        f'SELECT "{table}"."Name", count(*) AS n FROM "{table}" JOIN "InvoiceLine" USING ("TrackId") '
        f'WHERE "Country" = \'{place}\' AND "UnitPrice" > {dice.random():.4f} GROUP BY 1 ORDER BY n DESC LIMIT {top}',
        json.dumps([{"name": name, "n": count} for name, count in zip(names, counts, strict=True)]),
        "\n".join(f"{name} {count}" for name, count in zip(names, counts, strict=True)),
        provider,
        model,
        answering,
        f"session-{number // 4}",
        f"user-{dice.randint(1, 2_000)}",
        dice.random() < 0.03,
    )


def _chat(question: Question, messages: str, answer: str, tokens: tuple[int, int]) -> list[KeyValue]:
    return attributes(
        gen_ai__operation__name="chat",
        gen_ai__provider__name=question.provider,
        gen_ai__request__model=question.model,
        server__address="api.example.com",
        server__port=443,
        gen_ai__request__temperature=0.0,
        gen_ai__response__finish_reasons=["stop"],
        gen_ai__response__model=question.answering_model,
        gen_ai__response__id=f"chatcmpl-{question.number:08x}{tokens[0]:04x}",
        gen_ai__usage__input_tokens=tokens[0],
        gen_ai__usage__output_tokens=tokens[1],
        gen_ai__usage__cache_read__input_tokens=tokens[0] // 2,
        gen_ai__input__messages=messages,
        gen_ai__output__messages=_messages(("assistant", answer))[:-2] + ',"finish_reason":"stop"}]',
    )


def _workflow(name: str, asked: str, answered: str) -> list[KeyValue]:
    return attributes(
        gen_ai__operation__name="invoke_workflow",
        gen_ai__workflow__name=name,
        gen_ai__input__messages=_messages(("user", asked)),
        gen_ai__output__messages=_messages(("assistant", answered)),
    )


def _post() -> list[KeyValue]:
    url = "https://api.example.com/v1/chat/completions"
    return attributes(
        http__method="POST",
        http__request__method="POST",
        http__url=url,
        url__full=url,
        http__host="api.example.com",
        server__address="api.example.com",
        network__peer__address="api.example.com",
        http__status_code=200,
        http__response__status_code=200,
        http__flavor="1.1",
        network__protocol__version="1.1",
    )


def _served(question: Question) -> list[KeyValue]:
    query = question.asked.replace(" ", "+")
    status = 500 if question.failed else 200
    return attributes(
        http__scheme="http",
        url__scheme="http",
        http__host="127.0.0.1:8080",
        server__address="127.0.0.1:8080",
        net__host__port=8080,
        server__port=8080,
        http__flavor="1.1",
        network__protocol__version="1.1",
        http__target="/ask",
        url__path="/ask",
        http__url=f"http://127.0.0.1:8080/ask?question={query}",
        url__query=f"question={query}",
        http__method="GET",
        http__request__method="GET",
        http__server_name="127.0.0.1:8080",
        http__user_agent="python-httpx/0.28.1",
        user_agent__original="python-httpx/0.28.1",
        net__peer__ip="127.0.0.1",
        client__address="127.0.0.1",
        net__peer__port=54_812,
        client__port=54_812,
        http__route="/ask",
        session__id=question.session,
        user__id=question.user,
        http__status_code=status,
        http__response__status_code=status,
    )


_POST = _post()
_ANSWER, _WRITE, _RUN, _WORD, _CHAT_1, _CHAT_2 = 1, 2, 3, 4, 5, 6  # places in the list below


def _statement(sql: str) -> list[KeyValue]:
    return attributes(
        db__statement=sql,
        db__query__text=sql,
        db__name="chinook.db",
        db__namespace="chinook.db",
        db__system="sqlite",
        db__system__name="sqlite",
    )


def make_steps(question: Question, dice: Random) -> list[Step]:
    """The 40 spans, parents before children."""
    asked, sql, rows, answered = question.asked, question.sql, question.rows, question.answered
    first, second = 300 + dice.random() * 900, 200 + dice.random() * 500
    run = 20 + first
    word = run + 12
    end = word + second
    told = f"Question: {asked}\n\nSQL query:\n{sql}\n\nResult (JSON, 5 rows):\n{rows}"
    steps = [
        Step(_FASTAPI, "GET /ask", _SERVER, None, 0, end + 3, _served(question)),
        Step(
            _GENAI,
            "invoke_workflow answer_question",
            _INTERNAL,
            0,
            1,
            end + 1,
            _workflow("answer_question", asked, answered),
        ),
        Step(_GENAI, "invoke_workflow write_sql", _INTERNAL, _ANSWER, 2, run - 0.2, _workflow("write_sql", asked, sql)),
        Step(
            _GENAI,
            "execute_tool run_sql",
            _INTERNAL,
            _ANSWER,
            run,
            word - 0.2,
            attributes(
                gen_ai__operation__name="execute_tool",
                gen_ai__tool__name="run_sql",
                gen_ai__tool__type="function",
                gen_ai__tool__call__id=f"call_{question.number:08x}",
                gen_ai__tool__call__arguments=json.dumps({"sql": sql}),
                gen_ai__tool__call__result=rows,
            ),
        ),
        Step(
            _GENAI,
            "invoke_workflow word_answer",
            _INTERNAL,
            _ANSWER,
            word,
            end + 0.5,
            _workflow("word_answer", told, answered),
        ),
        Step(
            _GENAI,
            f"chat {question.model}",
            _CLIENT,
            _WRITE,
            16,
            run - 0.5,
            _chat(
                question, _messages(("system", _SYSTEM), ("user", asked)), sql, (700 + len(asked), 40 + len(sql) // 4)
            ),
        ),
        Step(
            _GENAI,
            f"chat {question.model}",
            _CLIENT,
            _WORD,
            word + 1,
            end,
            _chat(question, _messages(("system", _WORDING), ("user", told)), answered, (90 + len(told) // 4, 70)),
        ),
        Step(_HTTPX, "POST", _CLIENT, _CHAT_1, 18, run - 1, _POST),
        Step(_HTTPX, "POST", _CLIENT, _CHAT_2, word + 2, end - 1, _POST),
        Step(_FASTAPI, "GET /ask http send", _INTERNAL, 0, end + 1.5, end + 2, _SEND_START),
        Step(_FASTAPI, "GET /ask http send", _INTERNAL, 0, end + 2, end + 2.5, _SEND_BODY),
    ]
    at = 2.2
    for number in range((SPANS_PER_TRACE - len(steps) - 3) // 2):  # the schema is read before the prompt is built
        steps.append(Step(_SQLALCHEMY, "connect", _CLIENT, _WRITE, at, at + 0.1, _CONNECT))
        steps.append(
            Step(
                _SQLALCHEMY, "SELECT chinook.db", _CLIENT, _WRITE, at + 0.2, at + 0.6, _INSPECT[number % len(_INSPECT)]
            )
        )
        at += 0.9
    steps.append(Step(_SQLALCHEMY, "connect", _CLIENT, _RUN, run + 1, run + 1.2, _CONNECT))
    steps.append(
        Step(
            _SQLALCHEMY, "PRAGMA chinook.db", _CLIENT, _RUN, run + 1.5, run + 1.6, _statement("PRAGMA query_only = ON")
        )
    )
    steps.append(Step(_SQLALCHEMY, "SELECT chinook.db", _CLIENT, _RUN, run + 2, run + 9, _statement(sql)))
    return steps
