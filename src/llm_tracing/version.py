"""The version, read from the installed distribution so that it is written down once, in pyproject.toml."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("llm-tracing")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
