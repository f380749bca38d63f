"""Runs inside a watched program and writes down what becomes of its spans, a line an event; see ../tapped.py.

Imports nothing but the standard library, changes no result, raises nothing: what cannot be looked at is not told.
The file is written as things happen, so that it is there when the program is killed.
"""

import atexit
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

VARIABLE = "LLM_TRACING_TAP"
HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib would be an import more
_file = -1


def tell(event: str, **more: Any) -> None:
    with suppress(OSError, TypeError, ValueError):
        os.write(_file, json.dumps({"event": event, "pid": os.getpid(), **more}).encode() + b"\n")


def _after(cls: Any, name: str, then: Callable[..., None]) -> None:
    """Call `then(result, *arguments)` after each call of a method."""
    original = getattr(cls, name)

    @functools.wraps(original)
    def method(*args: Any, **named: Any) -> Any:
        result = original(*args, **named)
        with suppress(Exception):
            then(result, *args, **named)
        return result

    setattr(cls, name, method)


class _Words(logging.Handler):
    """The SDK's own complaints: a failed export is told nowhere else."""

    def emit(self, record: logging.LogRecord) -> None:
        tell("said", text=record.getMessage()[:500])
        if not logging.getLogger().handlers and logging.lastResort:  # as if this handler were not there
            logging.lastResort.handle(record)


def _sdk(module: ModuleType) -> None:
    provider, tracer, span = module.TracerProvider, module.Tracer, module.Span

    def made(_: None, self: Any, *args: Any, **named: Any) -> None:
        service = self.resource.attributes.get("service.name", "")
        tell("provider", service=str(service), sampler=str(self.sampler.get_description()))

    def started(result: Any, *args: Any, **named: Any) -> None:
        tell("start" if result.is_recording() else "unsampled")

    def ended(_: None, self: Any, *args: Any, **named: Any) -> None:
        if not getattr(self, "_llm_tracing_told", False):
            self._llm_tracing_told = True
            tell("end")

    _after(provider, "__init__", made)
    _after(provider, "add_span_processor", lambda _, self, processor: _processor(processor))
    _after(tracer, "start_span", started)
    _after(span, "end", ended)
    words = _Words(logging.WARNING)
    logging.getLogger("opentelemetry").addHandler(words)


_exporters: set[type] = set()


def _processor(processor: Any) -> None:
    exporter = getattr(processor, "span_exporter", None)
    endpoint = str(getattr(exporter, "_endpoint", "") or "")
    tell("processor", name=type(processor).__name__, exporter=type(exporter).__name__, endpoint=endpoint)
    if exporter is None or type(exporter) in _exporters:
        return
    _exporters.add(type(exporter))

    def exported(result: Any, self: Any, spans: Sequence[Any], *args: Any, **named: Any) -> None:
        tell("export", ok=getattr(result, "name", "") == "SUCCESS", spans=len(spans))

    _after(type(exporter), "export", exported)


def _langsmith(module: ModuleType) -> None:
    client = module.Client
    _after(client, "__init__", lambda _, self, *args, **named: tell("langsmith", endpoint=str(self.api_url)))
    _after(client, "create_run", lambda _, self, *args, **named: tell("run"))


def _instrumentor(module: ModuleType) -> None:
    def switched_on(_: Any, self: Any, *args: Any, **named: Any) -> None:
        tell("instrumented", module=type(self).__module__)

    _after(module.BaseInstrumentor, "instrument", switched_on)


WATCHED: dict[str, Callable[[ModuleType], None]] = {
    "opentelemetry.sdk.trace": _sdk,
    "opentelemetry.instrumentation.instrumentor": _instrumentor,
    "langsmith.client": _langsmith,
}


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: Any, then: Callable[[ModuleType], None]) -> None:
        self._inner, self._then = inner, then

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        try:
            self._then(module)
        except Exception:
            tell("blind", module=module.__name__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the watched modules as everybody else would, and looks on when they are loaded."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname not in WATCHED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, WATCHED[fullname])
        return spec


def _first_in_path(*_: Any) -> None:
    """Before this process becomes another: what put itself before us (opentelemetry-instrument) comes after us."""
    parts = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != HERE]
    os.environ["PYTHONPATH"] = os.pathsep.join([HERE, *parts])


def _follow_exec() -> None:
    for name in ("execl", "execle", "execv", "execve", "execvp", "execlp"):
        original = getattr(os, name)

        @functools.wraps(original)
        def become(*args: Any, _original: Any = original) -> Any:
            _first_in_path()
            return _original(*args)

        setattr(os, name, become)


def _next_sitecustomize() -> None:
    """The one that would have been imported without us."""
    sys.path[:] = [part for part in sys.path if os.path.abspath(part or ".") != HERE]  # noqa: PTH100
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if VARIABLE in os.environ:
    try:
        _file = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        tell("python", version=sys.version.split()[0])
        atexit.register(lambda: tell("exit"))  # registered first, so it runs last
        sys.meta_path.insert(0, _Finder())
        _follow_exec()
    except OSError:
        pass
    _next_sitecustomize()
