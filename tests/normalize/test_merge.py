"""What several requests say of a run gives one span, however it is cut and in whichever order it comes."""

import itertools
import json
import random
from typing import Any

import pytest

from llm_tracing.model import STATUS_ERROR, STATUS_OK, Batch, SpanRecord
from llm_tracing.normalize.langsmith import add_runs
from llm_tracing.normalize.merge import merge_attributes, merge_events, merge_runs
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.receive.runs import batch_of_runs, multipart_runs
from tests.langsmith_requests import MULTIPART, multipart, run, split_off

Json = Any
USAGE = {"input_tokens": 21, "output_tokens": 3, "input_token_details": {"cache_read": 7}}
EXTRA: dict[str, Json] = {
    "runtime": {"runtime": "python", "sdk_version": "0.15.0", "platform": "p" * 300},
    "metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini", "session_id": "s1"},
    "invocation_params": {"model": "gpt-4o-mini", "temperature": 0.2},
}
START = {"name": "start", "time": "2026-11-23T16:00:01+00:00"}
TOKEN = {"name": "new_token", "time": "2026-11-23T16:00:02.5+00:00", "kwargs": {"token": "Hi"}}
MESSAGES = {"messages": [{"role": "user", "content": "Say hello " * 40}]}
CHOICES = {"model": "gpt-4o-mini-2024", "choices": [{"message": {"role": "assistant", "content": "Hi"}}]}
POST = run(
    1, 2, run_type="llm", start_time="2026-11-23T16:00:01.000001", inputs=MESSAGES, outputs={}, events=[START],
    extra=EXTRA, tags=["a"],
)  # fmt: skip
PATCHES: dict[str, dict[str, Json]] = {
    "as LangChain sends it": {
        **POST,
        "end_time": "2026-11-23T16:00:04Z",
        "outputs": {**CHOICES, "usage_metadata": USAGE},
        "events": [START, TOKEN],
        "extra": {**EXTRA, "metadata": {**EXTRA["metadata"], "usage_metadata": USAGE}},
    },
    "with nulls for what is not said": {
        **run(1, 2),
        **dict.fromkeys(("name", "run_type", "tags", "session_name", "session_id", "parent_run_id", "inputs")),
        "end_time": 1795449604000,
        "outputs": {**CHOICES, "usage_metadata": USAGE},
        "events": [],
        "extra": {},
    },
    "failed": {
        **run(1, 2, name=None, run_type=None, session_name=None),
        "end_time": "2026-11-23T16:00:04Z",
        "error": "ValueError('no')Traceback (most recent call last):\n\n  File",
        "outputs": {"output": None},
        "inputs": {},
    },
}


def _records(*requests: dict[str, Json]) -> list[SpanRecord]:
    """The record of each request, as the writer gets it."""
    shared, batch = SharedRows(), Batch.empty()
    for request in requests:
        add_runs(batch_of_runs(json.dumps(request).encode()), shared, batch)
    return batch.spans


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_post_and_patch_give_the_same_in_any_split_and_order(patch: dict[str, Json]) -> None:
    [together] = _records({"post": [POST], "patch": [patch]})
    post, end = _records({"post": [POST]}, {"patch": [patch]})
    assert merge_runs(post, end) == together
    assert merge_runs(end, post) == together
    assert merge_runs(together, post) == together
    assert merge_runs(end, merge_runs(post, end)) == together


def test_a_run_in_parts_is_the_run_of_a_batch() -> None:
    patch = PATCHES["as LangChain sends it"]
    [together] = _records({"post": [POST], "patch": [patch]})
    pieces = [*split_off("post", POST), *split_off("patch", patch)]
    random.Random(1).shuffle(pieces)
    batch = Batch.empty()
    add_runs(multipart_runs(multipart(*pieces), MULTIPART), SharedRows(), batch)
    [apart] = batch.spans
    # The text of a part is kept as sent, with its spaces; all else is the same.
    assert apart._replace(attributes="") == together._replace(attributes="")
    assert json.loads(apart.attributes).keys() == json.loads(together.attributes).keys()


def test_three_reports_in_any_order_give_the_same() -> None:
    middle = {**run(1, 2), "events": [START, TOKEN]}
    found = {
        merge_runs(merge_runs(a, b), c)
        for a, b, c in itertools.permutations(
            _records({"post": [POST]}, {"patch": [middle]}, {"patch": [PATCHES["as LangChain sends it"]]})
        )
    }
    assert len(found) == 1


def test_a_patch_without_a_kind_does_not_make_a_chain_of_a_model_call() -> None:
    post, end = _records({"post": [POST]}, {"patch": [PATCHES["with nulls for what is not said"]]})
    merged = merge_runs(post, end)
    assert (post.kind, end.kind, merged.kind, merged.otel_kind, merged.operation) == ("llm", "chain", "llm", 3, "chat")
    assert (merged.name, merged.service, merged.status_code) == ("run 2", "shop", STATUS_OK)
    assert (merged.input_tokens, merged.output_tokens, merged.cache_read_tokens) == (21, 3, 7)


def test_tokens_in_the_outputs_of_a_chain_are_not_its_own() -> None:
    post, end = _records({"post": [run(1, 2)]}, {"patch": [PATCHES["with nulls for what is not said"]]})
    assert end.input_tokens == 21
    assert [merge_runs(*pair).input_tokens for pair in ((post, end), (end, post))] == [None, None]


def test_an_error_is_not_taken_back() -> None:
    end, again = _records(
        {"patch": [PATCHES["failed"]]}, {"patch": [{**PATCHES["failed"], "error": None, "outputs": {"output": 1}}]}
    )
    merged = merge_runs(end, again)
    assert (merged.status_code, merged.status_message) == (STATUS_ERROR, "no")


@pytest.mark.parametrize("empty", [None, "", {}, [], "{}", "[]", "null"])
def test_what_is_empty_erases_nothing(empty: Json) -> None:
    assert merge_attributes({"a": "said"}, {"a": empty}) == {"a": "said"}
    assert merge_attributes({"a": empty}, {"a": "said"}) == {"a": "said"}
    assert merge_attributes({}, {"a": empty}) == {"a": empty}


@pytest.mark.parametrize("value", [0, False, {"$parts": ["#00"]}, "x"])
def test_what_says_something_replaces_what_was_there(value: Json) -> None:
    assert merge_attributes({"a": "said"}, {"a": value}) == {"a": value}


def test_events_of_both_are_told_once_by_time() -> None:
    first, second = {"name": "a", "time_unix_nano": 2}, {"name": "b", "time_unix_nano": 1}
    assert merge_events([first], [first, second]) == [second, first]
    assert merge_events([first, first], [first, second]) == [second, first, first]
