"""Runs of real clients with odd values put anywhere: each is read, shown and merged, and nothing raises."""

import json
import random
from typing import Any

import pytest

from llm_tracing.model import Batch
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.langsmith import add_runs
from llm_tracing.normalize.merge import merge_runs
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.receive.decode import decompress
from llm_tracing.receive.runs import RunsRequest, batch_of_runs, multipart_runs
from tests.normalize.corpus import CORPUS, Case

Json = Any
ODD: tuple[Json, ...] = (
    None, "", 0, -1, True, 1e300, 2**62, "x", "\0", "é" * 300, "{'a': 1}", '{"a": [1]}', [], {}, [[]], [None], [{}],
    {"a": {}}, {"lc": 1, "id": [], "kwargs": {}}, {"type": "ai", "data": {}}, {"role": 7, "content": [1]},
    {"role": "user", "content": {"a": 1}}, {"type": ["text"], "text": 1}, {"choices": [1], "output": [{}]},
)  # fmt: skip
CASES = [Case(meta.parent) for meta in sorted(CORPUS.glob("langsmith-*/*/meta.json"))]


def _requests(case: Case) -> list[RunsRequest]:
    found = []
    for row in case.requests():
        if row["file"]:
            sent = (case.folder / row["file"]).read_bytes()
            body = decompress(sent, row["headers"].get("content-encoding"), 1 << 26)
            is_batch = row["path"].endswith("batch")
            found.append(batch_of_runs(body) if is_batch else multipart_runs(body, row["headers"]["content-type"]))
    return found


def _odd(value: Json, chance: float, dice: random.Random) -> Json:
    if dice.random() < chance:
        return dice.choice(ODD)
    if isinstance(value, dict):
        return {key: _odd(item, chance, dice) for key, item in value.items()}
    return [_odd(item, chance, dice) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("chance", [0.003, 0.02, 0.1])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_odd_values_anywhere_are_read_as_not_said(case: Case, chance: float) -> None:
    dice = random.Random(f"{case.name} {chance}")
    for request in _requests(case):
        batch = Batch.empty()
        for operation in request.operations:
            whole = {**operation.fields, **{key: json.loads(text) for key, text in operation.texts.items()}}
            run = {**{key: _odd(value, chance, dice) for key, value in whole.items()}, "id": str(operation.run_id)}
            again = batch_of_runs(json.dumps({operation.verb: [run]}).encode())
            assert add_runs(again, SharedRows(), batch).rejected == 0
        contents = {key: row.content for key, row in batch.payloads.items()}
        for earlier, later in zip(batch.spans, batch.spans[1:], strict=False):
            merged = merge_runs(earlier, later)
            attributes = restore(json.loads(merged.attributes), contents)
            assert read_facts(attributes) is not None
            read_content(attributes)
