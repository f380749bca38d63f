"""The captures of real clients, replayed through the normalizers into a store, and what is read back of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from llm_tracing.api.encode import span as span_json
from llm_tracing.api.encode import trace_summary
from llm_tracing.ingest.pending import NORMALIZERS
from llm_tracing.model import Batch
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.query.view import trace_view
from llm_tracing.receive.decode import Signal, decode, decompress
from llm_tracing.receive.runs import batch_of_runs, multipart_runs
from llm_tracing.receive.sink import Received, ReceivedSignal
from llm_tracing.store.contract import Store

Json = Any
CORPUS = Path(__file__).parent.parent / "data" / "corpus"
_SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario of one client."""

    folder: Path

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    def meta(self) -> dict[str, Json]:
        found: dict[str, Json] = json.loads((self.folder / "meta.json").read_text("utf8"))
        return found

    def requests(self) -> list[dict[str, Json]]:
        lines = (self.folder / "index.jsonl").read_text("utf8").splitlines()
        return [json.loads(line) for line in lines]


@dataclass(slots=True)
class Answer:
    """What the API gives back for one case; spans by id, LangSmith's by that of their run."""

    traces: dict[str, dict[str, Json]] = field(default_factory=dict)
    spans: dict[str, dict[str, Json]] = field(default_factory=dict)

    def found(self, span_ids: Iterable[str]) -> list[dict[str, Json]]:
        return [self.spans[span_id] for span_id in span_ids if span_id in self.spans]


def cases() -> list[Case]:
    return [Case(meta.parent) for meta in sorted(CORPUS.glob("*/*/meta.json"))]


def replay(case: Case, store: Store) -> None:
    """Every request of a case, each its own commit, in the order in which they arrived."""
    shared = SharedRows()
    for row in case.requests():
        if row["file"] is None:  # LangSmith's clients ask how to send first
            continue
        signal, request = _decoded(row, (case.folder / row["file"]).read_bytes())
        batch = Batch.empty()
        assert not NORMALIZERS[signal](request, shared, batch).rejected
        store.write(batch)


def _decoded(row: dict[str, Json], sent: bytes) -> tuple[ReceivedSignal, Received]:
    headers, path = row["headers"], row["path"].split("?")[0]
    body = decompress(sent, headers.get("content-encoding"), 1 << 26)
    if path.endswith("/runs/batch"):
        return "runs", batch_of_runs(body)
    if path.endswith("/runs/multipart"):
        return "runs", multipart_runs(body, headers["content-type"])
    signal = next(name for name in _SIGNALS if path.endswith(name) or name in row["file"])
    return signal, decode(signal, body, headers.get("content-type", "application/x-protobuf"))


def read_back(case: Case, store: Store, prices: Prices) -> Answer:
    answer = Answer()
    for trace_id in case.meta()["on_wire"]["traces"]:
        stored = store.trace(UUID(trace_id).bytes)
        if stored is None:
            continue
        answer.traces[trace_id] = trace_summary(stored.trace)
        for view in trace_view(stored):
            shown = span_json(view, prices, content=True)
            answer.spans[shown["attributes"].get("langsmith.run_id", shown["span_id"])] = shown
    return answer


def squashed(value: Json) -> str:
    """Text without white space; anything else as JSON without it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(text.split())


def opened(value: Json) -> Json:
    """JSON inside strings, at any depth, taken out."""
    if isinstance(value, str) and value.strip()[:1] in ("{", "[", '"'):
        try:
            return opened(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, dict):
        return {key: opened(item) for key, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


def texts(messages: list[Json] | None, system: list[Json] | None = None) -> list[tuple[str, str]]:
    """(role, text) without white space; neighbours of one role are one text, tools' texts are results and left out."""
    instructions = [{"role": "system", "parts": system}] if system else []
    found: list[tuple[str, str]] = []
    for message in [*instructions, *(messages or [])]:
        role = "system" if message["role"] == "developer" else message["role"]
        said = "".join(squashed(part["content"]) for part in message["parts"] if part["type"] == "text")
        if not said or role == "tool" or found[-1:] == [(role, said)]:  # the same instructions, told twice
            continue
        if found and found[-1][0] == role:
            said = found.pop()[1] + said
        found.append((role, said))
    return found


def tool_calls(messages: list[Json] | None) -> list[str]:
    """Tool calls as `name arguments`, sorted."""
    parts = [part for message in messages or [] for part in message["parts"] if part["type"] == "tool_call"]
    return sorted(f"{part['name']} {_keyed(part['arguments'] or {})}" for part in parts)


def expected_calls(calls: list[Json]) -> list[str]:
    return sorted(f"{call['name']} {_keyed(call['arguments'])}" for call in calls)


def _keyed(value: Json) -> str:
    return json.dumps(opened(value), sort_keys=True)


def results(messages: list[Json] | None) -> list[Json]:
    found = []
    for message in messages or []:
        for part in message["parts"]:
            if part["type"] == "tool_call_response":
                found.append(opened(part["response"]))
            elif message["role"] == "tool" and part["type"] == "text":
                found.append(opened(part["content"]))
    return found
