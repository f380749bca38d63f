"""The approaches to observing one and the same service, and the switch between them.

    from llm_tracing.telemetry.approaches import start_approach

    started = start_approach(None, "shop")  # as LLM_TRACING_APPROACH says
    ...
    started.shutdown()

Each is a module of its own with `start(service_name, service_version)`, imported when it is chosen. One runs at a
time: starting another ends the one before, and an end leaves no handler, exporter or variable behind.
"""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from llm_tracing.telemetry.errors import MissingPackages, UnknownApproach

VARIABLE = "LLM_TRACING_APPROACH"
DEFAULT = "otel"


class Started(Protocol):
    """What an approach has running. `shutdown()` sends what waits and takes everything off again."""

    def shutdown(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Approach:
    name: str
    summary: str
    """One sentence: what it lets you see."""
    extra: str | None
    """The pip extra that brings its packages; None if the base install has them."""
    modules: tuple[str, ...]
    """What must be importable."""
    module: str
    """Where its `start` is, below this package."""

    def missing(self) -> tuple[str, ...]:
        return tuple(module for module in self.modules if not _is_there(module))

    def start(self, service_name: str, service_version: str | None = None) -> Started:
        """MissingPackages, or a ValueError where a setting asks for what cannot be."""
        if missing := self.missing():
            raise MissingPackages(self.name, missing, self.extra)
        start: Callable[[str, str | None], Started] = import_module(f"{__name__}.{self.module}").start
        return start(service_name, service_version)


_OTEL = "opentelemetry.instrumentation"

APPROACHES: dict[str, Approach] = {
    approach.name: approach
    for approach in (
        Approach("none", "Nothing at all.", None, (), "nothing"),
        Approach(
            "logging",
            "That a request came, and the lines somebody thought of writing.",
            None,
            (),
            "plain_logging",
        ),
        Approach(
            "json",
            "The same lines as data: searchable fields, and which lines belong to one request.",
            "json",
            ("pythonjsonlogger",),
            "json_logging",
        ),
        Approach(
            "langsmith",
            "The steps of a question with their prompts, answers, tokens and errors.",
            "langsmith",
            ("langsmith",),
            "langsmith_tracing",
        ),
        Approach(
            "auto",
            "Every request, statement and call as OpenTelemetry sends it untouched: much, and not what was asked.",
            "auto",
            ("opentelemetry.distro",),
            "auto_instrumentation",
        ),
        Approach(
            "otel",
            "The question as one story: steps, prompts, answers, SQL, tokens, logs and metrics together.",
            None,
            (),
            "otel",
        ),
        Approach(
            "openllmetry",
            "The same set-up with the LLM spans of OpenLLMetry (Traceloop).",
            "openllmetry",
            (f"{_OTEL}.langchain", f"{_OTEL}.openai"),
            "openllmetry",
        ),
        Approach(
            "openinference",
            "The same set-up with the LLM spans of OpenInference (Arize).",
            "openinference",
            ("openinference.instrumentation.langchain",),
            "openinference",
        ),
    )
}

_lock = threading.RLock()
_running: "_Running | None" = None


def find_approach(name: str | None = None) -> Approach:
    """The approach of a name, or the one the environment names. UnknownApproach lists the names."""
    wanted = name or os.environ.get(VARIABLE, "").strip() or DEFAULT
    if wanted not in APPROACHES:
        raise UnknownApproach(wanted, APPROACHES)
    return APPROACHES[wanted]


def start_approach(name: str | None, service_name: str, service_version: str | None = None) -> Started:
    """Start the named approach, or with None the one LLM_TRACING_APPROACH names; the one that ran is ended first.

    Raises UnknownApproach, MissingPackages, or a ValueError for a setting that cannot be.
    """
    global _running
    approach = find_approach(name)
    with _lock:
        if _running is not None:
            _running.shutdown()
        _running = _Running(approach.name, approach.start(service_name, service_version))
        atexit.register(_running.shutdown)
        return _running


class _Running:
    def __init__(self, name: str, started: Started) -> None:
        self.name = name
        self._started: Started | None = started

    def shutdown(self) -> None:
        """May be called more than once."""
        global _running
        with _lock:
            started, self._started = self._started, None
            if started is None:
                return
            if _running is self:
                _running = None
        atexit.unregister(self.shutdown)
        started.shutdown()


def _is_there(module: str) -> bool:
    """Whether a module can be found, without importing the packages above it, which may be large."""
    top, *rest = module.split(".")
    found = find_spec(top)
    if found is None or not rest:
        return found is not None
    places = [Path(place, *rest) for place in found.submodule_search_locations or ()]
    return any(place.is_dir() or place.with_suffix(".py").is_file() for place in places)


def approaches_table() -> str:
    """The approaches as a Markdown table, a line each."""
    lines = ["| name | packages | lets you see |", "| --- | --- | --- |"]
    lines += [
        f"| `{approach.name}` | {f'`llm-tracing[{approach.extra}]`' if approach.extra else 'the base install'} "
        f"| {approach.summary} |"
        for approach in APPROACHES.values()
    ]
    return "\n".join(lines)
