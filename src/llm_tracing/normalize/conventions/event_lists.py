"""Message events of OpenTelemetry 1.30 as one JSON list in an attribute, as pydantic-ai and Logfire write them.

Source: pydantic-ai, `InstrumentationSettings(event_mode="attributes")`; Logfire, `events` of its integrations. An item
is an event's body with its name in `event.name`: {"event.name": "gen_ai.user.message", "role", "content", "tool_calls",
"gen_ai.message.index"}; a tool's message has the call's id in `id`; of `gen_ai.choice` the message is in `message`.
"""

from typing import Any

from llm_tracing.normalize.messages import Messages, messages_of, text_of, with_calls
from llm_tracing.normalize.values import as_list, from_json_text

EVENT_NAME = "event.name"
CHOICE = "gen_ai.choice"
INDEX = "gen_ai.message.index"
_PREFIX, _SUFFIX = "gen_ai.", ".message"


def listed_messages(value: Any) -> tuple[Messages | None, Messages | None]:
    """(messages before the answer, the answer's messages) of a list of events; (None, None) for anything else."""
    tree = from_json_text(value)
    if not isinstance(tree, list) or not all(isinstance(item, dict) and EVENT_NAME in item for item in tree):
        return None, None
    asked: Messages = []
    answered: Messages = []
    last: Any = None
    for event in tree:
        is_choice = event[EVENT_NAME] == CHOICE
        into = answered if is_choice else asked
        [message] = messages_of([_body(event, is_choice)], "assistant" if is_choice else "user") or [{"parts": []}]
        # The parts of one message may come as an event each.
        if into and last is not None and event.get(INDEX) == last and into[-1]["role"] == message["role"]:
            into[-1]["parts"] = with_calls(into[-1]["parts"], message["parts"])
        else:
            into.append(message)
        last = event.get(INDEX)
    if not answered:
        asked, answered = _told_last(asked)
    return asked or None, answered or None


def _told_last(messages: Messages) -> tuple[Messages, Messages]:
    """Messages none of which is named as the answer: what the assistant says last is it, as in Logfire's Agents SDK."""
    told = len(messages)
    while told and messages[told - 1]["role"] == "assistant":
        told -= 1
    return (messages[:told], messages[told:]) if told else (messages, [])


def _body(event: dict[str, Any], is_choice: bool) -> dict[str, Any]:
    """The message of an event, in the shape of OpenAI's."""
    sent = event.get("message") if is_choice else event
    body = dict(sent) if isinstance(sent, dict) else {"content": sent}
    if is_choice and "finish_reason" in event:
        body["finish_reason"] = event["finish_reason"]
    name = str(event[EVENT_NAME])
    if "role" not in body and name.startswith(_PREFIX) and name.endswith(_SUFFIX):
        body["role"] = name[len(_PREFIX) : -len(_SUFFIX)]
    if body.get("role") == "tool":
        body.setdefault("tool_call_id", body.get("id"))
    content = body.get("content")
    if isinstance(content, list):
        body["content"] = [_part(part) for part in content]
    return body


def _part(part: Any) -> Any:
    """pydantic-ai names the type of a part `kind`."""
    if isinstance(part, dict) and "type" not in part and isinstance(part.get("kind"), str):
        return {**{key: value for key, value in part.items() if key != "kind"}, "type": part["kind"]}
    return part


def parted(conversation: Messages | None) -> tuple[Messages | None, Messages | None]:
    """A whole conversation as (up to the last thing a user said, what came of it)."""
    if not conversation:
        return None, None
    asked = max(
        (i for i, message in enumerate(conversation) if message["role"] == "user" and text_of(message)), default=-1
    )
    return conversation[: asked + 1] or None, conversation[asked + 1 :] or None


def finish_reasons_of(messages: Messages | None) -> list[Any]:
    return [message.get("finish_reason") for message in as_list(messages)]
