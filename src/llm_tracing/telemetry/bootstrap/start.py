"""The start of one observed Python: configure() for all that is installed, told to the runner."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import PurePath

from opentelemetry.sdk.resources import Resource  # noqa: F401 - what is missing must show here, by its name

from llm_tracing.telemetry.bootstrap import ends, providers
from llm_tracing.telemetry.bootstrap.libraries import LLM, QUIET, install_hint, libraries
from llm_tracing.telemetry.bootstrap.printed import Printed
from llm_tracing.telemetry.configure import configure_for
from llm_tracing.telemetry.exporters import wanted as wanted_signal
from llm_tracing.telemetry.instrument import Instrumentation

Note = Callable[[str, object], None]

LANGSMITH_VARIABLE = "LLM_TRACING_RUN_LANGSMITH"
"""Set where LangSmith's tracing tells the LLM side: the same call would be told twice."""

# Pythons that are nobody's program: installers, and the helpers that multiprocessing starts.
_TOOLS = frozenset({"pip", "pip3", "ensurepip", "venv", "virtualenv", "uv", "poetry", "pipenv", "pyright", "mypy"})
# What the exporter imports itself: that it is observed says nothing of the program.
_OURS_TOO = frozenset({"requests", "urllib3", "urllib", "langchain_steps"})
_HELPERS = ("from multiprocessing.resource_tracker ", "from multiprocessing.semaphore_tracker ")


def start(note: Note) -> None:
    """Observe this process. What goes wrong is noted, and costs the program nothing."""
    if _is_tool(sys.orig_argv):
        return
    logging.getLogger("llm_tracing.telemetry").addHandler(_Notes(note))
    logging.getLogger("llm_tracing.telemetry").propagate = False
    logging.getLogger("opentelemetry.instrumentation.instrumentor").addFilter(_conflict_noted(note))

    def told(library: Instrumentation, by: str | None) -> None:
        if by and library.name not in _OURS_TOO:
            note("instrumented", library.name)
        elif by is None and library.name not in QUIET:
            note("bare", {"package": library.package, "install": install_hint(library)})

    wanted = [row for row in libraries() if not (row.name in LLM and os.environ.get(LANGSMITH_VARIABLE))]
    try:
        telemetry = configure_for(wanted, told)
    except ValueError as error:  # a setting
        note("warning", f"{sys.executable} is not observed: {error}")
        return
    if telemetry.disabled:
        return
    if wanted_signal("log records"):
        Printed(note).install()
    ends.watch(telemetry, note)
    providers.give_way(lambda: configure_for(wanted, told))


def _is_tool(argv: list[str]) -> bool:
    words = argv[1:]
    for place, word in enumerate(words):
        if word == "-c":
            return any(helper in " ".join(words[place + 1 : place + 2]) for helper in _HELPERS)
        if word == "-m":
            return "".join(words[place + 1 : place + 2]) in _TOOLS
        if not word.startswith("-"):
            return PurePath(word).name in _TOOLS
    return False


class _Notes(logging.Handler):
    """What the app side would log goes to the runner, which says it once for all processes."""

    def __init__(self, note: Note) -> None:
        super().__init__(logging.WARNING)
        self._note = note

    def emit(self, record: logging.LogRecord) -> None:
        self._note("warning", record.getMessage())


def _conflict_noted(note: Note) -> Callable[[logging.LogRecord], bool]:
    """An instrumentation that does not take a library's version says so in the log: the runner says it instead."""

    def keep(record: logging.LogRecord) -> bool:
        if "DependencyConflict" not in record.getMessage():
            return True
        note("warning", f"Not instrumented: {record.getMessage()}")
        return False

    return keep
