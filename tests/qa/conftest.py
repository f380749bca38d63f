"""Fixtures of the reference service: a Chinook file, settings of their own, services over real sockets."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from llm_tracing.qa.app import create_app
from llm_tracing.qa.database import Database, open_database
from llm_tracing.qa.local_server import serving
from llm_tracing.qa.settings import QaSettings, load_settings
from tests.qa.postgres import binaries, postgres_server

Service = Callable[[QaSettings], httpx.Client]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("LLM_TRACING_", "OPENAI_", "ANTHROPIC_", "LANGSMITH_", "LANGCHAIN_", "OTEL_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("qa-data")


@pytest.fixture
def settings(data_folder: Path) -> QaSettings:
    return load_settings(LLM_TRACING_DATA=data_folder, port=0, LLM_TRACING_APPROACH="none", time_limit=5)


@pytest.fixture
def chinook(settings: QaSettings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def service() -> Iterator[Service]:
    """Starts the app on a real socket; gives a client of it."""
    with ExitStack() as stack:

        def start(settings: QaSettings) -> httpx.Client:
            address = stack.enter_context(serving(create_app(settings)))
            return stack.enter_context(httpx.Client(base_url=address, timeout=30))

        yield start


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    bin_dir = binaries()
    if bin_dir is None:
        reason = "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres_server(bin_dir) as url:
        yield url
