"""A service like the reference service, as a program: FastAPI, a LangChain chain with a tool, SQLAlchemy,
httpx.

Run as `python -m tests.telemetry.reference_service MODEL_URL REQUEST...`, it serves on a port of its own,
makes the requests against itself with the plain standard library, prints each answer, and ends.
"""

import logging
import socket
import sys
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

import llm_tracing

log = logging.getLogger("reference")

app = FastAPI()  # all three made before configure(), as in most services
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
model_url = sys.argv[1]


@tool
def run_sql(statement: str) -> list[dict[str, Any]]:
    """Run one SELECT and return its rows."""
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text(statement))]


def chain() -> RunnableLambda[dict[str, str], str]:
    model = ChatOpenAI(
        model="offline-sql",
        base_url=model_url,
        api_key="unused",
        temperature=0,
        max_retries=0,
        stream_usage=True,
    )
    ask = ChatPromptTemplate.from_messages(
        [
            ("system", "Write one SQL statement.\nCREATE TABLE album (id INTEGER, title TEXT)"),
            ("human", "{question}"),
        ]
    )
    say = ChatPromptTemplate.from_messages([("system", "Word the answer."), ("human", "{question} {rows}")])
    write_sql = (ask | model | RunnableLambda(lambda message: message.content)).with_config(run_name="write_sql")
    word_answer = (say | model).with_config(run_name="word_answer")

    def answer(asked: dict[str, str]) -> str:
        statement = write_sql.invoke(asked)
        rows = run_sql.invoke({"statement": statement})
        log.info("ran %s", statement, extra={"row_count": len(rows)})
        return str(word_answer.invoke({**asked, "rows": rows}).content)

    async def answer_streaming(asked: dict[str, str]) -> str:
        statement = await write_sql.ainvoke(asked)
        rows = await run_sql.ainvoke({"statement": statement})
        pieces = [str(piece.content) async for piece in word_answer.astream({**asked, "rows": rows})]
        return "".join(pieces)

    return RunnableLambda(answer, afunc=answer_streaming).with_config(run_name="answer_question")  # type: ignore[return-value]


@app.get("/ask")
def ask(question: str) -> dict[str, str]:
    return {"answer": chain().invoke({"question": question})}


@app.get("/stream")
async def stream(question: str) -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        yield await chain().ainvoke({"question": question})

    return StreamingResponse(pieces())


@app.get("/direct")
def direct() -> dict[str, str]:
    from openai import OpenAI

    client = OpenAI(base_url=model_url, api_key="unused")
    answer = client.chat.completions.create(model="offline-sql", messages=[{"role": "user", "content": "hello"}])
    return {"answer": str(answer.choices[0].message.content)}


@app.get("/fetch")
def fetch() -> dict[str, int]:
    return {
        "status": httpx.post(
            f"{model_url}/chat/completions", json={"model": "m", "messages": [{"content": ""}]}
        ).status_code
    }


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@contextmanager
def served() -> Iterator[str]:
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)


def main() -> None:
    llm_tracing.configure(service_version="1.2.3")
    logging.basicConfig(level=logging.INFO)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE album (id INTEGER, title TEXT)"))
        connection.execute(text("INSERT INTO album VALUES (1, 'one'), (2, 'two')"))
    with served() as address:
        for request in sys.argv[2:]:
            try:
                with urllib.request.urlopen(f"{address}{request}", timeout=20) as response:
                    print(request, response.status, response.read().decode(), flush=True)
            except urllib.error.HTTPError as error:
                print(request, error.code, flush=True)


if __name__ == "__main__":
    main()
