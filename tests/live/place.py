"""Where the clients send to: one server in a process of its own, one offline model, and what arrived."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from llm_tracing.api import schema
from llm_tracing.qa.dataset import chinook_file
from llm_tracing.qa.local_server import serving as serving_model
from llm_tracing.qa.offline.server import create_app
from tests.live.approaches import APART, Approach
from tests.server.process import serving
from tests.telemetry.program import ROOT, environment

CLIENTS = Path(sys.prefix) / "clients"
# The offline model is free; with a price, in USD per million tokens, the clients' costs can be compared.
PRICES = "models: [{model: offline-sql, input: 1, output: 2}]"
QUESTION = "list the most popular albums"
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Told:
    """What the service answered, and what the server shows of it."""

    sql: str
    answer: str
    traces: list[schema.TraceDetail]
    logs: list[schema.LogRecord]

    @property
    def trace(self) -> schema.TraceDetail:
        [trace] = self.traces
        return trace

    @property
    def calls(self) -> list[schema.Span]:
        """The counted LLM calls by time."""
        counted = [span for span in self.trace.spans if span.counted and span.kind == "llm"]
        return sorted(counted, key=lambda span: int(span.start_time_unix_nano))


@dataclass(frozen=True, slots=True)
class Place:
    """A server, a model and a folder with the database."""

    server: str
    model: str
    data: Path

    def ask(self, approach: Approach) -> Told:
        """Ask with one client; AssertionError with what it printed unless it ends well."""
        ended = subprocess.run(
            [sys.executable, "-m", "tests.live.question", approach.name, self.model, QUESTION],
            cwd=ROOT,
            env=self._environment(approach),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stderr
        told = json.loads(ended.stdout.splitlines()[-1])
        with httpx.Client(base_url=f"{self.server}/api/v1", trust_env=False, timeout=20) as http:
            return self._read(http, approach, told)

    def _environment(self, approach: Approach) -> Mapping[str, str]:
        """Everything that a client may send goes to our server; each names its project or service alike."""
        return environment(
            self.server,
            OTEL_SERVICE_NAME=approach.name,
            LANGSMITH_ENDPOINT=f"{self.server}/langsmith",
            LANGSMITH_PROJECT=approach.name,
            LLM_TRACING_DATA=str(self.data),
            PYTHONPATH=os.pathsep.join([*self._apart(approach), os.environ.get("PYTHONPATH", "")]),
            **approach.environment,
        )

    def _apart(self, approach: Approach) -> list[str]:
        """Folders with packages that this environment cannot hold beside the others."""
        folders = [CLIENTS / package for package in approach.packages if package in APART]
        missing = [str(folder) for folder in folders if not folder.is_dir()]
        assert not missing, f"not installed: {missing}; `make install` puts them there"
        return [str(folder) for folder in folders]

    def _read(self, http: httpx.Client, approach: Approach, told: dict[str, Any]) -> Told:
        listed = _get(http, "/traces", schema.TraceList, q=f'service:"{approach.name}"')
        traces = [_get(http, f"/traces/{trace.trace_id}", schema.TraceDetail) for trace in listed.traces]
        logs = [
            record
            for trace in listed.traces
            for record in _get(http, "/logs", schema.LogList, trace_id=trace.trace_id).logs
        ]
        return Told(told["sql"], told["answer"], traces, logs)


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """Everything started, over an empty folder."""
    chinook_file(folder / "qa")
    prices = folder / "prices.yaml"
    prices.write_text(PRICES, encoding="utf-8")
    with serving(folder / "server", LLM_TRACING_PRICES=str(prices)) as server, serving_model(create_app()) as model:
        yield Place(server.http, f"{model}/v1", folder / "qa")


def _get(http: httpx.Client, path: str, shape: type[Shape], **parameters: str) -> Shape:
    answer = http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return shape.model_validate_json(answer.content, strict=True)
