"""The work that is observed. Each load is made once and gives the function that does it once.

`call`: one chat call of the `openai` client and one line of the service's own log. `request`: one HTTP request to a
FastAPI service that makes two LangChain calls with a SQLite query between them, the shape of the reference service.
"""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.overhead import words
from bench.overhead.clients import Observed

log = logging.getLogger("shop")
MODEL = "gpt-4o-mini"


@contextmanager
def call(observed: Observed, model_url: str, _folder: Path) -> Iterator[Callable[[], None]]:
    from openai import OpenAI

    client = observed.client(OpenAI(base_url=model_url, api_key="none", max_retries=0))
    messages: Iterator[Any] = cycle(
        [{"role": "system", "content": system}, {"role": "user", "content": user}] for system, user in words.prompts()
    )

    def work() -> None:
        said = client.chat.completions.create(model=MODEL, messages=next(messages), temperature=0)
        log.info("answered with %d characters", len(said.choices[0].message.content))

    yield work


@contextmanager
def request(observed: Observed, model_url: str, folder: Path) -> Iterator[Callable[[], None]]:
    app = _service(observed, model_url, folder)
    observed.app(app)
    with _serving(app) as port:
        connection = HTTPConnection("127.0.0.1", port)

        def work() -> None:
            connection.request("GET", "/ask?question=most+popular")
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body

        yield work
        connection.close()


def _service(observed: Observed, model_url: str, folder: Path) -> Any:
    import fastapi
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnableConfig, RunnableLambda
    from langchain_core.tools import StructuredTool
    from langchain_openai import ChatOpenAI
    from sqlalchemy import text

    engine = _database(observed, folder)
    model = ChatOpenAI(model=MODEL, base_url=model_url, api_key="none", temperature=0, max_retries=0)
    write = (
        ChatPromptTemplate.from_messages([("system", words.ASKS_FOR_SQL + ". {rules}"), ("human", "{question}")])
        | model
    ).with_config(run_name="write SQL")
    word = (
        ChatPromptTemplate.from_messages([("system", "Word the answer."), ("human", "{rows}\n{question}")]) | model
    ).with_config(run_name="word answer")

    def run_sql(query: str) -> str:
        """Run one SELECT statement and return its rows as JSON."""
        with engine.connect() as connection:
            return json.dumps([dict(row) for row in connection.execute(text(query)).mappings()])

    tool = StructuredTool.from_function(run_sql, name="run_sql")
    asked = cycle(words.prompts())

    def answer_question(question: str, config: RunnableConfig) -> dict[str, str]:
        rules, texts = next(asked)
        sql = str(write.invoke({"rules": rules, "question": texts}, config).content)
        rows = tool.invoke({"query": sql}, config={**config, "run_name": "run SQL"})
        log.info("the statement gave %d characters", len(rows))
        told = word.invoke({"question": texts, "rows": rows}, config)
        return {"answer": str(told.content), "sql": sql}

    chain = RunnableLambda(answer_question)
    app = fastapi.FastAPI()

    @app.get("/ask")
    def ask(question: str) -> dict[str, str]:
        told = chain.invoke(question, config={"run_name": "answer question", "callbacks": observed.callbacks})
        log.info("answered %r", question)
        return told

    return app


def _database(observed: Observed, folder: Path) -> Any:
    from sqlalchemy import create_engine, text

    engine = create_engine(f"sqlite:///{folder / 'music.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE track (title TEXT)"))
        rows = [{"title": f"Track {number % 40}"} for number in range(400)]
        connection.execute(text("INSERT INTO track VALUES (:title)"), rows)
    observed.engine(engine)
    return engine


@contextmanager
def _serving(app: Any) -> Iterator[int]:
    import uvicorn

    # The protocol is named so that asyncio turns Nagle's algorithm off, which else adds 40 ms to each answer.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield int(bound.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(5)


LOADS = {"call": call, "request": request}
