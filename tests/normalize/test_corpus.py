"""What real clients sent is read back: models, tokens, texts, tools, sessions, from the captures in tests/data/corpus.

A fact is asked only where `meta.json` says that the bytes hold it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_tracing.normalize.cost import Prices
from llm_tracing.store.duck import DuckDBStore
from tests.normalize.corpus import (
    Answer,
    Case,
    cases,
    expected_calls,
    opened,
    read_back,
    replay,
    results,
    squashed,
    texts,
    tool_calls,
)

Json = Any
OPERATIONS = {"llm": {"chat", "generate_content", "text_completion"}, "embedding": {"embeddings"}}
PROVIDERS = {
    "openai": {"openai"},
    "anthropic": {"anthropic"},
    "gemini": {"gcp.gemini", "gcp.gen_ai"},
    "bedrock": {"aws.bedrock"},
}
FINISH = {"tool_calls": "tool_call", "tool_use": "tool_call", "end_turn": "stop"}
# Fact on the wire -> (the truth's name for it, the field of the API's usage).
TOKENS = {
    "input_tokens": ("input_tokens_total", "input_tokens"),
    "output_tokens": ("output_tokens_total", "output_tokens"),
    "cache_read": ("cached_input_tokens", "cache_read_tokens"),
    "cache_write": ("cache_write_tokens", "cache_write_tokens"),
    "reasoning": ("reasoning_tokens", "reasoning_tokens"),
}
# Case and fact, as regular expressions, that are not as on the wire, with the reason.
NOT_READ = {
    (r"smolagents.*/s[38]", r"input_texts"): "the client sends its own memory, not the messages of the call",
}  # fmt: skip

Right = Callable[[dict[str, Json]], bool]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], Answer]]:
    """All captures in one store; the answer of a case."""
    store, prices = DuckDBStore(tmp_path_factory.mktemp("corpus") / "data"), Prices()
    for case in cases():
        replay(case, store)
    yield lambda case: read_back(case, store, prices)
    store.close()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_fact_on_the_wire_is_read_back(case: Case, answers: Callable[[Case], Answer]) -> None:
    wrong = [fact for fact in _wrong(case.meta(), answers(case)) if not _not_read(case, fact)]
    assert wrong == []


@pytest.mark.parametrize("entry", NOT_READ, ids=lambda entry: entry[0])
def test_what_is_listed_as_not_read_is_not_read(entry: tuple[str, str], answers: Callable[[Case], Answer]) -> None:
    folders, fact = entry
    listed = [case for case in cases() if re.fullmatch(folders, case.name)]
    assert any(re.fullmatch(fact, wrong) for case in listed for wrong in _wrong(case.meta(), answers(case)))


def test_the_corpus_is_here() -> None:
    assert len(cases()) > 90
    assert all((Path(case.folder) / "index.jsonl").is_file() for case in cases())


def _not_read(case: Case, fact: str) -> bool:
    return any(re.fullmatch(folder, case.name) and re.fullmatch(pattern, fact) for folder, pattern in NOT_READ)


def _wrong(meta: dict[str, Json], answer: Answer) -> list[str]:
    """The facts that are on the wire and not in the answer."""
    exchanges = {exchange["n"]: exchange for exchange in meta["expected"]["provider_exchanges"]}
    found: list[str] = []
    for call in meta["on_wire"]["calls"]:
        exchange = exchanges[call["n"]]
        spans = answer.found(call["spans"])
        asked = _call_facts(call["facts"], exchange, meta)
        found += [fact for fact, right in asked.items() if not any(right(span) for span in spans)]
    return found + _wrong_tools(meta, answer) + _wrong_traces(meta, answer) + _wrong_totals(meta, answer)


def _call_facts(wire: list[str], exchange: dict[str, Json], meta: dict[str, Json]) -> dict[str, Right]:
    """For each fact on the wire a question to a span of the call; one span that answers it is enough."""
    kind = "embedding" if exchange["operation"] == "embeddings" else "llm"
    models = {"request_model", "response_model"} & set(wire)
    asked: dict[str, Right] = {
        "kind": lambda span: span["kind"] == kind and span["operation"] in OPERATIONS[kind],
        "provider": lambda span: span["provider"] in PROVIDERS[exchange["provider"]],
        "streaming": lambda span: span["streaming"] is True,
        "finish_reason": lambda span: (
            FINISH.get(exchange["finish_reason"], exchange["finish_reason"]) in span["finish_reasons"]
        ),
        "error_status": lambda span: span["status"] == "error",
        "error_text": lambda span: _names_error(span["error"], exchange["error"]),
    }
    for model in models:
        fields = [model] if len(models) == 2 else ["request_model", "response_model"]
        asked[model] = lambda span, model=model, fields=fields: exchange[model] in [span[name] for name in fields]  # type: ignore[misc]
    for fact, (truth, name) in TOKENS.items():
        asked[fact] = lambda span, truth=truth, name=name: (span["usage"] or {}).get(name) == exchange["usage"][truth]  # type: ignore[misc]
    if meta["content_captured"]:
        asked |= _content_facts(exchange, meta["expected"]["provider_exchanges"])
    known = set(wire) | ({"kind"} if set(wire) - {"error_status", "error_text"} else set())
    return {fact: right for fact, right in asked.items() if fact in known}


def _content_facts(exchange: dict[str, Json], exchanges: list[dict[str, Json]]) -> dict[str, Right]:
    said = [
        {"role": message["role"], "parts": [{"type": "text", "content": message["text"]}]}
        for message in exchange["input_messages"]
    ]
    told = [opened(message["text"]) for message in exchange["input_messages"] if message["role"] == "tool"]
    before = [call for one in exchanges if one["n"] < exchange["n"] for call in one.get("tool_calls") or []]
    return {
        "input_texts": lambda span: texts(span["input_messages"], span["system_instructions"]) == texts(said),
        "input_tool_results": lambda span: results(span["input_messages"]) == told,
        "input_tool_calls": lambda span: tool_calls(span["input_messages"]) == expected_calls(before),
        "output_text": lambda span: ("assistant", squashed(exchange["output_text"])) in texts(span["output_messages"]),
        "tool_calls": lambda span: tool_calls(span["output_messages"]) == expected_calls(exchange["tool_calls"]),
    }


def _names_error(error: Json, truth: dict[str, Json]) -> bool:
    signs = [squashed(truth["message"][:30]), *([truth["code"]] if truth["code"] else [])]
    return any(sign in squashed(error or "") for sign in signs)


def _wrong_tools(meta: dict[str, Json], answer: Answer) -> list[str]:
    runs = list(meta["expected"]["tool_executions"])
    found: list[str] = []
    for tool in meta["on_wire"]["tools"]:
        truth = next(run for run in runs if run["name"] == tool["name"])
        runs.remove(truth)
        [span] = answer.found(tool["spans"][:1])
        used = span["tool"] or {}
        if (span["kind"], used.get("name")) != ("tool", truth["name"]):
            found.append("tool")
        wrong = [name for name in ("arguments", "result") if opened(truth[name]) != opened(used.get(name))]
        found += [f"tool.{name}" for name in wrong if name in tool["facts"] and meta["content_captured"]]
    for retrieval, truth in zip(meta["on_wire"]["retrievals"], meta["expected"]["retrieved"], strict=False):
        spans = [span for span in answer.found(retrieval["spans"]) if span["kind"] == "retriever"]
        shown = [[document["content"] for document in span["documents"] or []] for span in spans]
        found += [] if truth["documents"] in shown else ["retrieval"]
    return found


def _wrong_traces(meta: dict[str, Json], answer: Answer) -> list[str]:
    return [
        name
        for trace_id, flags in meta["on_wire"]["traces"].items()
        for name in ("session_id", "user_id")
        if flags[name] and answer.traces[trace_id][name] != meta[name]
    ]


def _wrong_totals(meta: dict[str, Json], answer: Answer) -> list[str]:
    """Calls and tokens of a case's traces, added up: each call once."""
    wire = meta["on_wire"]
    if wire.get("one_span_for_all"):
        return []
    times = (1, 2) if wire.get("duplicates_in_other_traces") else (1,)
    exchanges = {exchange["n"]: exchange for exchange in meta["expected"]["provider_exchanges"]}
    calls = [(set(call["facts"]), exchanges[call["n"]]) for call in wire["calls"]]
    counted = sum(trace["llm_call_count"] for trace in answer.traces.values())
    unmarked = wire.get("unmarked_calls", 0)  # spans that only their name shows to be calls: they may count or not
    right = counted in [wire["llm_calls"] * n for n in times]
    found = [] if right or wire["llm_calls"] - unmarked <= counted <= wire["llm_calls"] else ["llm_calls"]
    if any("tokens_invented" in facts for facts, _ in calls):
        return found
    for fact, (truth, name) in TOKENS.items():
        sent = [(facts, call) for facts, call in calls if call.get("usage_on_wire") and call["usage"][truth]]
        if not all(fact in facts for facts, _ in sent):
            continue
        llm = sum(call["usage"][truth] for _, call in sent if call["operation"] != "embeddings")
        total = sum(call["usage"][truth] for _, call in sent)
        got = sum(trace["usage"][name] for trace in answer.traces.values())
        if got not in [amount * n for amount in (llm, total) for n in times]:
            found.append(f"total.{fact}")
    return found
