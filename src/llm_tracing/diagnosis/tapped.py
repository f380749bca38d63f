"""What a watched program told of its spans, and what it comes to. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from llm_tracing.diagnosis.check import Check, Level

FLUSH = (
    "Call tracer_provider.shutdown() (or force_flush()) at the end, also on SIGTERM; do not leave by os._exit. "
    "OTEL_BSP_SCHEDULE_DELAY=500 makes what is lost smaller."
)
_NO_EXPORT = frozenset({"ConsoleSpanExporter", "InMemorySpanExporter", "NoneType"})


@dataclass(slots=True)
class Tapped:
    """Counts of spans. `endpoints` are where exporters send, `words` what the SDK complained of."""

    python: bool = False
    ended_itself: bool = False
    services: list[str] = field(default_factory=list)
    samplers: list[str] = field(default_factory=list)
    exporters: list[str] = field(default_factory=list)
    endpoints: list[str] = field(default_factory=list)
    instrumented: list[str] = field(default_factory=list)
    started: int = 0
    unsampled: int = 0
    ended: int = 0
    exported: int = 0
    failed: int = 0
    words: list[str] = field(default_factory=list)
    langsmith: list[str] = field(default_factory=list)
    runs: int = 0


def read_tap(lines: Iterable[str]) -> Tapped:
    found = Tapped()
    for line in lines:
        try:
            said = json.loads(line)
        except ValueError:
            continue  # the program was killed while it wrote
        if isinstance(said, dict):
            _take(found, said)
    return found


def _take(found: Tapped, said: dict[str, Any]) -> None:
    match said.get("event"):
        case "python":
            found.python = True
        case "exit":
            found.ended_itself = True
        case "provider":
            _add(found.services, said["service"])
            _add(found.samplers, said["sampler"])
        case "processor":
            _add(found.exporters, said["exporter"])
            _add(found.endpoints, said["endpoint"])
        case "instrumented":
            _add(found.instrumented, said["module"])
        case "start":
            found.started += 1
        case "unsampled":
            found.unsampled += 1
        case "end":
            found.ended += 1
        case "export" if said["ok"]:
            found.exported += said["spans"]
        case "export":
            found.failed += said["spans"]
        case "said":
            _add(found.words, said["text"])
        case "langsmith":
            _add(found.langsmith, said["endpoint"])
        case "run":
            found.runs += 1


def _add(known: list[str], value: str) -> None:
    if value and value not in known:
        known.append(value)


def why(tap: Tapped, arrived: int, server: str, senders: Iterable[str] = ()) -> Iterator[Check]:
    """What to say of a program of which `arrived` spans and runs came to the server."""
    if not tap.python:
        yield _told("info", "It is no Python program: only what arrived is known.")
        if not arrived:
            yield _told("error", "Nothing of it arrived.", "Look at its own log, and at the delivery above.")
        return
    if not tap.samplers and not tap.langsmith:
        if not arrived:
            todo = (
                "Start it under opentelemetry-instrument, call llm_tracing.configure(), or set LANGSMITH_TRACING=true."
            )
            yield _told(
                "error", "Nothing in the program sends telemetry: no OpenTelemetry SDK, no LangSmith client.", todo
            )
        return
    yield from _twice(tap)
    if tap.samplers:
        yield from _otel(tap, arrived, server)
    if tap.langsmith and not tap.runs:
        yield _told("error", "LangSmith's client is there, but no run was started.", "Set LANGSMITH_TRACING=true.")
    elif tap.langsmith and arrived and not tap.samplers:
        yield _told("ok", f"{arrived:,} {'run' if arrived == 1 else 'runs'} of {', '.join(senders)} arrived.")
    elif tap.langsmith and not arrived:
        where = ", ".join(tap.langsmith)
        yield _told(
            "error",
            f"{_runs(tap.runs)} sent to {where}, none arrived.",
            "Set LANGSMITH_ENDPOINT to this server's /langsmith.",
        )


# Libraries that several camps instrument, as the last part of a module's name.
_LIBRARIES = frozenset({"openai", "anthropic", "langchain", "llama_index", "bedrock", "vertexai", "google_genai"})


def _twice(tap: Tapped) -> Iterator[Check]:
    """Two instrumentations of one library that are really on."""
    by_library: dict[str, list[str]] = {}
    for module in tap.instrumented:
        name = module.rpartition(".")[2].removesuffix("_v2")
        if name in _LIBRARIES:
            by_library.setdefault(name, []).append(module)
    for library, modules in by_library.items():
        if len(modules) > 1:
            title = f"{len(modules)} instrumentations of {library} are on at once: {', '.join(modules)}."
            yield _told("warning", title, "Switch all but one off: each call is told by each.")


def _otel(tap: Tapped, arrived: int, server: str) -> Iterator[Check]:
    if not [name for name in tap.exporters if name not in _NO_EXPORT]:
        title = "The OpenTelemetry SDK is set up without an exporter: spans go nowhere."
        yield _told("error", title, "Set OTEL_TRACES_EXPORTER=otlp, or add a BatchSpanProcessor with an OTLP exporter.")
        return
    if not tap.started:
        if tap.unsampled:
            title = f"{_of(tap.unsampled, tap.unsampled)} sampled out by {', '.join(tap.samplers)}."
            yield _told(
                "error", title, "Set OTEL_TRACES_SAMPLER=parentbased_always_on; a parent may have decided it, too."
            )
        else:
            title = "The OpenTelemetry SDK is set up, but no span was started."
            todo = "No instrumentation is on, it was switched on after the library was used, or no request came."
            yield _told("error", title, todo)
        return
    if tap.unsampled:
        yield _told("info", f"{_spans(tap.unsampled)} of {tap.started + tap.unsampled:,} were sampled out.")
    if tap.started > tap.ended:
        left = tap.started - tap.ended
        title = f"{_spans(left)} of {tap.started:,} never ended, and {'is' if left == 1 else 'are'} not sent."
        yield _told("warning", title, "Use `with tracer.start_as_current_span(...)`, or call span.end() in a finally.")
    yield from _exports(tap, arrived, server)


def _exports(tap: Tapped, arrived: int, server: str) -> Iterator[Check]:
    where = ", ".join(tap.endpoints) or "an address it does not tell"
    waiting = tap.ended - tap.exported - tap.failed
    if tap.failed:
        said = f": {tap.words[0][:300]}" if tap.words else "."
        title = f"{_spans(tap.failed)} could not be delivered to {where}{said}"
        yield _told("error", title, "See the delivery above; the address is OTEL_EXPORTER_OTLP_ENDPOINT.")
    if waiting > 0:
        how = "ended without a flush" if tap.ended_itself else "was killed, or left by os._exit"
        said = f" It said: {tap.words[0][:300]}" if tap.words and not tap.failed else ""
        yield _told("error", f"{_of(waiting, tap.ended)} still waiting when the program {how}.{said}", FLUSH)
    if tap.exported and not arrived:
        title = f"{_spans(tap.exported)} went to {where}, none to the server at {server}."
        yield _told("error", title, f"Set OTEL_EXPORTER_OTLP_ENDPOINT={server}.")
    elif arrived:
        ours = [service for service in tap.services if service]
        title = f"{_spans(arrived)} of {', '.join(ours) or 'the program'} arrived."
        yield _told("ok", title)


def _told(level: Level, title: str, todo: str = "") -> Check:
    return Check("program", level, title, todo)


def _spans(number: int) -> str:
    return f"{number:,} {'span' if number == 1 else 'spans'}"


def _of(number: int, whole: int) -> str:
    """`All 3 spans were`, `1 span of 3 was`."""
    verb = "was" if number == 1 else "were"
    if number < whole:
        return f"{_spans(number)} of {whole:,} {verb}"
    return f"{'The' if number == 1 else 'All'} {_spans(number)} {verb}"


def _runs(number: int) -> str:
    return f"{number:,} {'run was' if number == 1 else 'runs were'}"
