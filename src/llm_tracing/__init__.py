"""LLM Tracing: see what happens inside an LLM service.

Public names are few and load on first use, so that `import llm_tracing` costs almost nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llm_tracing.telemetry.configure import configure
    from llm_tracing.version import __version__

__all__ = ["__version__", "configure"]

_HOME = {"configure": "llm_tracing.telemetry.configure", "__version__": "llm_tracing.version"}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
