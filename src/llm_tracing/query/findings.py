"""What is wrong with what senders send, each finding with what to do about it. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from llm_tracing.query.content_switches import how_to_capture
from llm_tracing.query.health import Health
from llm_tracing.receive.senders import OTHERS, Sender
from llm_tracing.store.contract import RecentSource, UnpricedModel

Level = Literal["error", "warning", "info"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")
OWN_PROBE = "llm-tracing-doctor"  # the service name of the doctor's own probe

AHEAD_NS = 2_000_000_000
BEHIND_NS = 300_000_000_000  # spans wait for seconds; five minutes is a clock, or an export of old data
_REQUESTS_TO_TELL = 2  # one late request is no clock

# Reason of a refusal, see receive/http.py -> in words, and what to do.
_REFUSED: dict[str, tuple[str, str]] = {
    "too_large": (
        "too large",
        "Send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE), or raise LLM_TRACING_MAX_BODY and replay.",
    ),
    "media_type": (
        "sent as something that is not OTLP",
        "Send application/x-protobuf or application/json: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.",
    ),
    "queue_full": (
        "the write queue was full",
        "The server is slower than its senders; they send again. Raise LLM_TRACING_MAX_QUEUE if it stays so.",
    ),
    "unavailable": ("the store could not write", "The server could not write. Senders send again; its log says why."),
    "failed": ("could not be stored", "The server's log has the reason; the payload is kept, please report it."),
    "ids": (
        "with ids that are none",
        "A trace id has 16 bytes and a span id 8, not all zero: the exporter is at fault, or what copies spans.",
    ),
    "attribute_cut": (
        "attributes longer than an attribute may be; the beginning is kept",
        "The span's attribute llm_tracing.cut names them. Raise LLM_TRACING_MAX_ATTRIBUTE_BYTES to keep them whole.",
    ),
    "attribute_left_out": (
        "attributes beyond what a span or record may have",
        "Raise LLM_TRACING_MAX_ATTRIBUTES, or find out what sends so many.",
    ),
    "spans_per_trace": (
        "spans beyond what a trace may have",
        "A trace that never ends? Start a new one for each piece of work, or raise LLM_TRACING_MAX_TRACE_SPANS.",
    ),
    "backend": (
        "that Tempo, Loki or Prometheus does not take",
        "The message says which and why. Loki: smaller or newer records; Prometheus: cumulative temporality.",
    ),
    "partial": ("in part", "Part of the request was not taken; the message says which."),
    "invalid": (
        "cannot be read",
        "The bytes are not what the address takes: look at the payload, and at the exporter's encoding.",
    ),
}


class Finding(NamedTuple):
    """`count` is of what the title speaks of; `sender` None is the server itself."""

    code: str
    level: Level
    sender: str | None
    title: str
    todo: str
    count: int  # type: ignore[assignment] # not tuple.count


@dataclass(frozen=True, slots=True)
class Examined:
    """All that is known of one sender."""

    name: str
    sender: Sender
    sources: Sequence[RecentSource] = ()
    health: Health = field(default_factory=Health)
    unpriced: Sequence[UnpricedModel] = ()


def findings(senders: Sequence[Examined]) -> list[Finding]:
    """Errors first, then by how much each concerns."""
    told = [sender for sender in senders if sender.name != OWN_PROBE]
    found = [one for sender in told for check in CHECKS for one in check(sender)]
    found = _old_data_once(found, told)
    return sorted(found, key=lambda one: (LEVELS.index(one.level), -one.count, one.sender or "", one.code))


def _refused(one: Examined) -> Iterator[Finding]:
    for reason, count in one.sender.refused.items():
        words, todo = _REFUSED.get(reason, (reason.replace("_", " "), "The message of the last error says why."))
        title = f"{count:,} refused: {words}."
        level: Level = "warning" if reason in ("queue_full", "unavailable") else "error"
        yield Finding("refused", level, one.name, title, todo, count)


def _content_off(one: Examined) -> Iterator[Finding]:
    silent: dict[str, tuple[int, int]] = {}
    for source in one.sources:
        if source.silent_calls and source.scope is not None:
            calls, of = silent.get(source.scope.name, (0, 0))
            silent[source.scope.name] = (calls + source.silent_calls, of + source.calls)
    for scope, (calls, of) in silent.items():
        every = f"{_count(calls, 'LLM call')} of {of:,}" if calls < of else _count(calls, "LLM call")
        title = f"{every} with tokens but without prompt and answer, from {scope or 'an unnamed scope'}."
        yield Finding("content_off", "warning", one.name, title, how_to_capture(scope), calls)


def _told_twice(one: Examined) -> Iterator[Finding]:
    for (first, second), count in one.health.told_twice.items():
        title = f"{_count(count, 'LLM call')} told twice: by {first} and by {second}. Each is counted once."
        todo = (
            "Switch one of the two instrumentations off, for example by OTEL_PYTHON_DISABLED_INSTRUMENTATIONS: "
            "each call is measured and sent twice."
        )
        yield Finding("told_twice", "warning", one.name, title, todo, count)


def _clock(one: Examined) -> Iterator[Finding]:
    offset = one.sender.clock_offset_ns
    if offset is None:
        return
    if offset > AHEAD_NS:
        title = f"Spans end {_seconds(offset)} in the future: the sender's clock is ahead of the server's."
        yield Finding("clock_ahead", "warning", one.name, title, _SET_CLOCK, 1)
    elif offset < -BEHIND_NS and len(one.sender.offsets_ns) >= _REQUESTS_TO_TELL:
        title = (
            f"Even the newest spans ended {_seconds(-offset)} ago: the sender's clock is behind, or it sends old data."
        )
        yield Finding("clock_behind", "warning", one.name, title, _SET_CLOCK, 1)


def _old_data_once(found: list[Finding], senders: Sequence[Examined]) -> list[Finding]:
    """Several senders behind at once are rather a file that was imported or sent again than as many wrong clocks."""
    behind = [one for one in found if one.code == "clock_behind"]
    if len(behind) < 2:
        return found
    late = {one.sender for one in behind}
    ended = [-offset for one in senders if one.name in late and (offset := one.sender.clock_offset_ns) is not None]
    names = sorted(filter(None, late))
    named = ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
    title = f"Even the newest spans of {len(names)} senders ended {_seconds(min(ended))} ago or earlier: {named}."
    todo = f"Nothing, if old data was sent again. Else: {_SET_CLOCK}"
    once = Finding("clock_behind", "info", None, title, todo, len(names))
    return [one for one in found if one.code != "clock_behind"] + [once]


_NAMES = 8  # of senders in one finding
_SET_CLOCK = "Synchronise the clocks of both machines (NTP); in a container or WSL, those of their hosts."


def _orphaned(one: Examined) -> Iterator[Finding]:
    remote, lost = one.health.remote, one.health.orphaned - one.health.remote
    if remote:
        title = f"{_count(remote, 'span')} whose parent is in a service that sends nothing here."
        todo = "Send that service's spans here too, or look whether it samples them out (OTEL_TRACES_SAMPLER)."
        yield Finding("orphaned_remote", "warning", one.name, title, todo, remote)
    if lost:
        title = f"{_count(lost, 'span')} whose parent did not arrive."
        todo = (
            "The parent was sampled out, never ended, or was lost: flush at the end of the process, "
            "and let one sampler decide for the whole trace (parentbased_always_on)."
        )
        yield Finding("orphaned", "warning", one.name, title, todo, lost)


def _cut(one: Examined) -> Iterator[Finding]:
    cut = sum(source.cut for source in one.sources)
    if cut:
        title = f"{_count(cut, 'span')} cut by the sender: attributes, events or links were dropped."
        todo = "Raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT or OTEL_SPAN_LINK_COUNT_LIMIT there."
        yield Finding("cut", "warning", one.name, title, todo, cut)


def _unpriced(one: Examined) -> Iterator[Finding]:
    for model in one.unpriced:
        name = "/".join(filter(None, (model.provider, model.model))) or "an unnamed model"
        title = f"{_count(model.calls, 'call')} of {name} without a price."
        yield Finding(
            "unpriced", "info", one.name, title, "Give it a price in LLM_TRACING_PRICES (docs/prices.md).", model.calls
        )


def _unmapped(one: Examined) -> Iterator[Finding]:
    names = [name for name in one.sender.unmapped if name != OTHERS]
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        title = f"{_count(len(names), 'attribute')} that nobody reads: {', '.join(names[:3])}{more}."
        todo = "They are kept and shown as sent. Map them to fields in LLM_TRACING_MAPPINGS if they mean something."
        yield Finding("unmapped", "info", one.name, title, todo, len(names))


def _late(one: Examined) -> Iterator[Finding]:
    if one.sender.late:
        title = f"{_count(one.sender.late, 'span')} came more than a minute after they ended."
        todo = "An exporter that tries again, or a replay of old data. If it goes on, look at the network in between."
        yield Finding("late", "info", one.name, title, todo, one.sender.late)


CHECKS: tuple[Callable[[Examined], Iterator[Finding]], ...] = (
    _refused,
    _content_off,
    _told_twice,
    _clock,
    _orphaned,
    _cut,
    _unpriced,
    _unmapped,
    _late,
)


def examined(
    senders: Mapping[str, Sender],
    sources: Sequence[RecentSource],
    unpriced: Sequence[UnpricedModel],
    by_service: Mapping[str, Health],
) -> list[Examined]:
    """What is known of each sender: those of this run in their order, then who is only in the store."""
    stored = dict.fromkeys([source.service for source in sources])
    return [
        Examined(
            name,
            senders.get(name) or Sender(),
            [source for source in sources if source.service == name],
            by_service.get(name) or Health(),
            [model for model in unpriced if model.service == name],
        )
        for name in dict.fromkeys([*senders, *stored])
    ]


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _seconds(nanoseconds: int) -> str:
    seconds = round(nanoseconds / 1_000_000_000)
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60:,} min" if seconds < 7_200 else f"{seconds // 3600:,} h"
