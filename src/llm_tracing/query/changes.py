"""What changed: a model call against the earlier one of its conversation whose prompt it shares most of.

Candidates are the calls that began earlier in the same trace and, where the trace has a session, in earlier traces of
the session. The previous one is that with the most shared messages at the beginning, then the most shared bytes, then
the most bytes that are the same again after the first difference, then the latest. Where neither the beginning nor half
of the rest is shared there is none: the call begins a conversation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from llm_tracing.normalize.buckets import buckets
from llm_tracing.query.prompts import Message, Prompt, prompt_of, resumed_bytes, shared_bytes, shared_messages, tools_of
from llm_tracing.query.spans_in_order import start
from llm_tracing.query.view import SpanView

CacheVerdict = Literal["kept", "broken", "missed", "too_short", "unknown"]

# Providers cache prompts from this length on. Source: OpenAI's and Anthropic's pages on prompt caching; some of
# Anthropic's models ask for 2,048 or 4,096.
LEAST_TOKENS = 1_024
# Of what could be read from the cache this much must have been: providers round down to blocks.
MOST = 0.8
USUAL_LIFE_S = 300
_AROUND = 60  # characters shown on each side of the first difference
_LEAST_SHARED = 24  # bytes; less is the name of the first role and chance


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """Where the prompts part: the byte, the message it is in, and the texts around it."""

    byte: int
    message: int
    role: str
    before: str
    now: str
    shared_tail: str


@dataclass(frozen=True, slots=True)
class Cache:
    """`expected_tokens` is the share of the prompt that was the same, in tokens of this call's input."""

    verdict: CacheVerdict
    words: str
    read_tokens: int | None
    expected_tokens: int | None
    input_tokens: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """`added` and `removed` are the messages after the shared ones, of this call and of the previous one."""

    previous: SpanView
    is_same_trace: bool
    considered: int
    shared_messages: int
    added: list[Message]
    removed: list[Message]
    answer_was_kept: bool
    prompt_bytes: int
    previous_bytes: int
    shared_bytes: int
    first_difference: FirstDifference | None
    tools_changed: bool | None
    model_changed: bool
    cache: Cache


def previous_call(call: SpanView, candidates: Iterable[SpanView]) -> tuple[SpanView, int] | None:
    """The previous call and how many were considered; None where no earlier call shares a beginning."""
    own = prompt_of(call)
    whole = own.whole
    best: tuple[int, int, int, int] | None = None
    found: SpanView | None = None
    considered = 0
    for candidate in candidates:
        if candidate.record.kind != "llm" or start(candidate) >= start(call):
            continue
        considered += 1
        prompt = prompt_of(candidate)
        shared, resumed = shared_bytes(whole, prompt.whole), resumed_bytes(own, prompt)
        rank = (shared_messages(own.texts, prompt.texts), shared, resumed, start(candidate))
        alike = shared >= _LEAST_SHARED or 2 * resumed >= max(len(whole), 1)
        if alike and (best is None or rank > best):
            best, found = rank, candidate
    return None if found is None else (found, considered)


def changes(call: SpanView, previous: SpanView, considered: int) -> Changes:
    own, before = prompt_of(call), prompt_of(previous)
    whole, whole_before = own.whole, before.whole
    same, shared = shared_messages(own.texts, before.texts), shared_bytes(whole, whole_before)
    tools, tools_before = tools_of(call), tools_of(previous)
    model_changed = _model(call) != _model(previous)
    tools_changed = None if tools is None and tools_before is None else tools != tools_before
    difference = _first_difference(own, before, whole, whole_before, shared)
    comparison = _Comparison(shared, resumed_bytes(own, before), len(whole), len(whole_before))
    cache = _cache(call, previous, comparison, difference, bool(tools_changed), model_changed)
    added, answer_was_kept = own.messages[same:], _answer_was_kept(own, previous, same)
    return Changes(
        previous,
        previous.record.trace_id == call.record.trace_id,
        considered,
        same,
        added,
        before.messages[same:],
        answer_was_kept,
        len(whole),
        len(whole_before),
        shared,
        difference,
        tools_changed,
        model_changed,
        cache,
    )


def _answer_was_kept(own: Prompt, previous: SpanView, same: int) -> bool:
    """The first new message is what the previous call answered: the conversation went on from there."""
    answers = previous.content.output_messages or []
    following = own.messages[same] if same < len(own.messages) else None
    return bool(answers) and following is not None and following.get("parts") == answers[0].get("parts")


def _model(view: SpanView) -> str | None:
    return view.record.response_model or view.record.request_model


def _first_difference(
    own: Prompt, before: Prompt, whole: bytes, whole_before: bytes, shared: int
) -> FirstDifference | None:
    """None where one prompt is the other's beginning: then nothing differs, something is added or left out."""
    if shared in (len(whole), len(whole_before)):
        return None
    at, message = 0, 0
    for message, text in enumerate(own.texts):  # noqa: B007 - the last one counts
        size = len(text.encode())
        if shared < at + size:
            break
        at += size
    return FirstDifference(
        shared,
        message,
        str(own.messages[message].get("role", "")),
        _text(whole_before[shared : shared + 4 * _AROUND])[:_AROUND],
        _text(whole[shared : shared + 4 * _AROUND])[:_AROUND],
        _text(whole[max(0, shared - 4 * _AROUND) : shared])[-_AROUND:],
    )


def _text(part: bytes) -> str:
    return part.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Bytes: the same at the beginning, the same again after the first difference, of this and the previous prompt."""

    shared: int
    resumed: int
    prompt: int
    previous: int

    def tokens(self, count: int, total: int) -> int:
        return round(total * count / self.prompt) if self.prompt else 0


def _cache(
    call: SpanView,
    previous: SpanView,
    compared: _Comparison,
    difference: FirstDifference | None,
    tools_changed: bool,
    model_changed: bool,
) -> Cache:
    total, read = buckets(call.record).input_tokens, call.record.cache_read_tokens
    if not total:
        words = "The call came without token counts, so nothing can be said of the provider's cache."
        return Cache("unknown", words, read, None, None)
    expected = compared.tokens(compared.shared, total)
    verdict, words = _verdict(read, total, expected, compared, difference, tools_changed, model_changed)
    if verdict == "missed":
        words += _gap(call, previous)
    return Cache(verdict, words, read, expected, total)


def _verdict(
    read: int | None,
    total: int,
    expected: int,
    compared: _Comparison,
    difference: FirstDifference | None,
    tools_changed: bool,
    model_changed: bool,
) -> tuple[CacheVerdict, str]:
    share = f"{compared.shared:,} of the previous prompt's {compared.previous:,} bytes"
    if read and read >= MOST * expected - 128:
        return "kept", f"The cache held: {read:,} tokens were read from it, about all that is shared ({share})."
    lost = compared.tokens(compared.shared + compared.resumed, total)
    if lost < LEAST_TOKENS:
        return (
            "too_short",
            f"About {lost:,} tokens are the same. Providers cache from {LEAST_TOKENS:,} on, so there was nothing to "
            "keep.",
        )
    if model_changed:
        return "missed", "Another model answered, and each model has a cache of its own."
    if tools_changed:
        return "broken", "The tools offered to the model changed. They stand before the messages, so all is read anew."
    if difference is not None and (expected < LEAST_TOKENS or compared.shared < MOST * compared.previous):
        return "broken", _broken(read, lost, difference)
    if read is None:
        return "unknown", f"About {expected:,} tokens are the same, but the provider did not say what it read of them."
    return (
        "missed",
        f"The beginning is intact ({share}), yet the cache was not used: {read:,} tokens were read from it, "
        f"about {expected:,} could have been.",
    )


def _broken(read: int | None, lost: int, difference: FirstDifference) -> str:
    told = "" if read is None else f" {read:,} tokens were read from the cache."
    return (
        f"The prompt changes at byte {difference.byte:,}, in message {difference.message + 1} ({difference.role}): "
        f"what follows has to be read anew, of about {lost:,} tokens that are the same.{told}"
    )


def _gap(call: SpanView, previous: SpanView) -> str:
    seconds = (start(call) - max(start(previous), previous.record.end_time_unix_nano)) / 1e9
    if seconds > USUAL_LIFE_S:
        return f" {round(seconds / 60):,} minutes lie between the calls; caches usually live five."
    return ""


def earlier_calls(views: Sequence[SpanView]) -> list[SpanView]:
    return [view for view in views if view.record.kind == "llm"]
