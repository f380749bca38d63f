"""What LangSmith's exporter for JavaScript, and its wrapper of the AI SDK, write in ways of their own."""

import json
from typing import Any

from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import SentEvent

RUN = {"langsmith.span.kind": "llm", "langsmith.trace.name": "openai.responses"}
FAILED = SentEvent("exception", {"exception.type": "Error", "exception.message": "too long"})


def _error(attributes: dict[str, Any], *events: SentEvent) -> str | None:
    facts = read_facts(attributes, "", events)
    assert facts is not None
    return facts.error


def test_a_run_with_an_exception_and_no_outputs_has_failed() -> None:
    assert _error(RUN, FAILED) == "too long"
    assert _error(RUN) is None
    assert _error({**RUN, "gen_ai.completion": '{"output": 1}'}, FAILED) is None


def test_the_ai_sdks_tool_is_given_its_arguments_and_then_options() -> None:
    given = json.dumps({"args": [{"at": "Oslo"}, {"toolCallId": "c1", "messages": []}]})
    run = {"langsmith.span.kind": "tool", "langsmith.trace.name": "sky", "gen_ai.prompt": given}
    tool = read_content(run).tool
    assert tool is not None
    assert (tool.name, tool.call_id, tool.arguments) == ("sky", "c1", {"at": "Oslo"})
    other = read_content({**run, "gen_ai.prompt": json.dumps({"args": [1, 2]})}).tool
    assert other is not None
    assert (other.call_id, other.arguments) == (None, {"args": [1, 2]})


def test_a_finish_reason_of_version_6_is_an_object() -> None:
    told = {"role": "assistant", "content": [], "finishReason": {"unified": "tool-calls", "raw": "x"}}
    assert read_content({**RUN, "gen_ai.completion": json.dumps(told)}).finish_reasons == ("tool_call",)
    odd = {**told, "finishReason": {"unified": 7}}
    assert read_content({**RUN, "gen_ai.completion": json.dumps(odd)}).finish_reasons == ()
