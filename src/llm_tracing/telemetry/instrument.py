"""Which libraries are observed: one table, each row applied once its package is imported.

Importing LangChain takes seconds, and a service that does not use it should not pay. So a row waits for the
service to import its package, and is applied right after that; a package imported already is instrumented
at once.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Protocol, TypeAlias

import wrapt

log = logging.getLogger("llm_tracing.telemetry")


@dataclass(frozen=True, slots=True)
class Instrumentation:
    name: str
    """As OTEL_PYTHON_DISABLED_INSTRUMENTATIONS names it."""
    package: str
    """The package whose import it waits for."""
    instrumentor: str
    """`module:Class`, with instrument() and uninstrument()."""
    gives: str
    others: tuple[str, ...] = ()
    """More of them for the same library, the first that is installed and fits is used; never two."""

    under: tuple[str, ...] = ()
    """Names of libraries that use this one and tell the same: where one of them is in use, this one is left to it."""

    @property
    def instrumentors(self) -> tuple[str, ...]:
        return (self.instrumentor, *self.others)


Told: TypeAlias = Callable[[Instrumentation, str | None], None]
"""Called with a library and the instrumentor that observes it now, or None when none of its own is installed."""


_OTEL = "opentelemetry.instrumentation"
_OURS = "llm_tracing.telemetry"

# `langchain` and `openai` both see a LangChain call to OpenAI; they share a context and write one span
# for it. `langchain_steps` extends `langchain`, so it comes after it.
INSTRUMENTATIONS: tuple[Instrumentation, ...] = (
    Instrumentation("fastapi", "fastapi", f"{_OURS}.fastapi_apps:FastAPIApps", "a server span per request"),
    Instrumentation("httpx", "httpx", f"{_OURS}.httpx_calls:HTTPXCalls", "a client span per HTTP call"),
    Instrumentation("httpx2", "httpx2", f"{_OURS}.httpx_calls:HTTPX2Calls", "the same; `openai` 3 calls by httpx2"),
    Instrumentation(
        "sqlalchemy",
        "sqlalchemy",
        f"{_OURS}.sqlalchemy_engines:SQLAlchemyEngines",
        "a client span per connection and per statement",
    ),
    Instrumentation(
        "openai",
        "openai",
        f"{_OTEL}.genai.openai:OpenAIInstrumentor",
        "an LLM span per call of the `openai` client",
    ),
    Instrumentation(
        "langchain",
        "langchain_core",
        f"{_OTEL}.genai.langchain:LangChainInstrumentor",
        "LLM, tool, retriever, agent and workflow spans",
    ),
    Instrumentation(
        "langchain_steps",
        "langchain_core",
        f"{_OURS}.langchain_steps:LangChainSteps",
        "a span per named step of a chain, with input and output",
    ),
)


_LLM = frozenset({"openai", "langchain", "langchain_steps"})


def without_llm() -> tuple[Instrumentation, ...]:
    """The web, HTTP and database rows, for a set-up that brings its own for LLM clients."""
    return tuple(row for row in INSTRUMENTATIONS if row.name not in _LLM)


def instrumentations_table() -> str:
    """The instrumentations as a Markdown table, a line each."""
    lines = ["| name | when this is installed | gives |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| `{row.name}` | `{row.package}` | {row.gives} |" for row in INSTRUMENTATIONS)])


class Instrumentor(Protocol):
    @property
    def is_instrumented_by_opentelemetry(self) -> bool: ...
    def instrument(self, **kwargs: object) -> object: ...
    def uninstrument(self) -> object: ...


class Instrumented:
    """The instrumentations of one `configure()`."""

    def __init__(self, libraries: Sequence[Instrumentation] = INSTRUMENTATIONS, told: Told | None = None) -> None:
        self._libraries = libraries
        self._told = told
        self._providers: dict[str, object] = {}
        self._applied: dict[str, Instrumentor] = {}
        self._active = True
        # Importing an instrumentor's module may import its package, whose hook comes back here in the middle.
        self._importing: set[str] = set()
        self._waiting: list[Instrumentation] = []

    def start(self, **providers: object) -> None:
        self._providers = providers
        disabled = os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "")
        without = {name.strip() for name in disabled.split(",")}
        for row in self._libraries:
            if row.name in without or "*" in without:
                continue
            if row.package in sys.modules:
                self._apply(row)
            elif find_spec(row.package.partition(".")[0]) is not None:
                wrapt.register_post_import_hook(self._hook(row), row.package)

    def _hook(self, row: Instrumentation) -> Callable[[ModuleType], None]:
        return lambda _module: self._apply(row)

    def _apply(self, row: Instrumentation) -> None:
        """Instrument one package. A failure costs its spans, and must never cost the service its import."""
        if not self._active or row.name in self._applied or any(name in self._applied for name in row.under):
            return
        if any(instrumentor.partition(":")[0] in self._importing for instrumentor in row.instrumentors):
            self._waiting.append(row)
            return
        try:
            self._choose(row)
        except Exception as error:
            log.warning("%s is not instrumented: %s: %s", row.package, type(error).__name__, error)
        waiting, self._waiting = self._waiting, []
        for other in waiting:
            self._apply(other)

    def _choose(self, row: Instrumentation) -> None:
        """Apply the first instrumentor of a row that is installed and takes the library's version."""
        missing: ModuleNotFoundError | None = None
        for place in row.instrumentors:
            module, _, class_name = place.partition(":")
            try:
                instrumentor: Instrumentor = getattr(self._import(module), class_name)()
            except ModuleNotFoundError as error:
                if not _is_absent(module, error.name):
                    raise  # it is there, and lacks something of its own
                missing = missing or error
                continue
            if instrumentor.is_instrumented_by_opentelemetry:
                return  # by someone else, who will also take it off
            instrumentor.instrument(**self._providers)
            # One that does not take the library's version has said so in the log, and done nothing.
            if getattr(instrumentor, "_is_instrumented_by_opentelemetry", True):
                self._applied[row.name] = instrumentor
                self._tell(row, place)
                self._retire(row)
                return
        self._tell(row, None)
        if missing and self._told is None:
            raise missing

    def _retire(self, row: Instrumentation) -> None:
        """Take off what this library uses and what would tell the same again."""
        for used in self._libraries:
            if row.name in used.under and used.name in self._applied:
                self._applied.pop(used.name).uninstrument()

    def _tell(self, row: Instrumentation, place: str | None) -> None:
        if self._told:
            self._told(row, place)

    def _import(self, module: str) -> ModuleType:
        self._importing.add(module)
        try:
            return import_module(module)
        finally:
            self._importing.discard(module)

    @property
    def names(self) -> tuple[str, ...]:
        """What is instrumented so far."""
        return tuple(self._applied)

    def stop(self) -> None:
        self._active = False
        for name, instrumentor in reversed(self._applied.items()):
            try:
                instrumentor.uninstrument()
            except Exception as error:
                log.warning("%s cannot be un-instrumented: %s: %s", name, type(error).__name__, error)
        self._applied.clear()


def _is_absent(module: str, missing: str | None) -> bool:
    """Whether a missing name means that an instrumentor is not installed: its own, or that which one of ours uses."""
    if missing is None:
        return False
    return f"{module}.".startswith(f"{missing}.") or f"{missing}.".startswith(f"{_OTEL}.")
