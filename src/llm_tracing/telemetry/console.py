"""One root logger with one console handler, through which everything goes that is logged: uvicorn's lines too."""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llm_tracing.telemetry.borrowed import BorrowedFunction

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")

# Libraries whose INFO lines say again what spans say.
SAID_BY_SPANS = ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "sqlglot", "uvicorn.error", "uvicorn.access")


@dataclass(frozen=True, slots=True)
class _Before:
    """How a logger was set up."""

    handlers: tuple[logging.Handler, ...]
    level: int
    propagate: bool

    @classmethod
    def of(cls, logger: logging.Logger) -> "_Before":
        return cls(tuple(logger.handlers), logger.level, logger.propagate)

    def put_back(self, logger: logging.Logger) -> None:
        logger.handlers[:] = self.handlers
        logger.setLevel(self.level)
        logger.propagate = self.propagate


class Console:
    """Installed, there is exactly one console handler, on the root logger; removed, all is as before.

    Handlers that write elsewhere (a file, an exporter) are left alone. `quiet` names loggers whose lines below
    WARNING are left out; a logger whose level was set by the service keeps it.
    """

    def __init__(self, formatter: logging.Formatter | None = None, quiet: tuple[str, ...] = ()) -> None:
        self._handler = logging.StreamHandler(sys.stderr)
        self._handler.setFormatter(formatter or logging.Formatter(FORMAT))
        self._quiet = quiet
        self._loggers: dict[str, _Before] = {}
        self._taken_off: list[logging.Handler] = []
        self._root_level = logging.WARNING
        self._uvicorn = BorrowedFunction("uvicorn.config", "Config", "configure_logging", self._after_uvicorn)

    def install(self) -> None:
        root = logging.getLogger()
        self._root_level = root.level
        self._taken_off = [handler for handler in root.handlers if _writes_to_console(handler)]
        for handler in self._taken_off:
            root.removeHandler(handler)
        root.addHandler(self._handler)
        if root.level in (logging.NOTSET, logging.WARNING):  # nobody has decided
            root.setLevel(logging.INFO)
        self._loggers = {name: _Before.of(logging.getLogger(name)) for name in {*UVICORN, *self._quiet}}
        self._uvicorn_through_root()
        for name in self._quiet:
            if self._loggers[name].level == logging.NOTSET:
                logging.getLogger(name).setLevel(logging.WARNING)
        self._uvicorn.install()

    def remove(self) -> None:
        self._uvicorn.remove()
        for name, before in self._loggers.items():
            before.put_back(logging.getLogger(name))
        root = logging.getLogger()
        root.removeHandler(self._handler)
        for handler in self._taken_off:
            root.addHandler(handler)
        root.setLevel(self._root_level)

    def _uvicorn_through_root(self) -> None:
        for name in UVICORN:
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.propagate = True

    def _after_uvicorn(
        self, wrapped: Callable[..., None], config: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """uvicorn sets up its loggers when it starts; with handlers of their own, they would bypass the root."""
        wrapped(*args, **kwargs)
        if config.access_log:
            self._uvicorn_through_root()


def _writes_to_console(handler: logging.Handler) -> bool:
    streams = (sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__)
    return isinstance(handler, logging.StreamHandler) and any(handler.stream is stream for stream in streams)


class WarningsToLog:
    """`warnings.warn` becomes a log line, as long as it is installed."""

    def install(self) -> None:
        self._already = getattr(logging, "_warnings_showwarning", None) is not None
        logging.captureWarnings(True)

    def remove(self) -> None:
        if not self._already:
            logging.captureWarnings(False)
