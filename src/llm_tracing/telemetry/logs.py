"""Standard-library logging -> OTLP log records, each with the trace and span it was written in.

The SDK's own `LoggingHandler` is deprecated in favour of a further package; this is the same translation.
Attribute names: OpenTelemetry semantic conventions, code and exception sections.
"""

import logging
import logging.config
import traceback
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import TypeAlias

from opentelemetry._logs import LoggerProvider, LogRecord, SeverityNumber
from opentelemetry.context import get_current
from opentelemetry.util.types import AnyValue

from llm_tracing.telemetry.delivery import attempted_here

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

# Never sent: what the telemetry says about itself, which would make more telemetry.
_OWN_LOGGERS = ("opentelemetry", "llm_tracing.telemetry")

_SEVERITIES = (
    (logging.CRITICAL, SeverityNumber.FATAL, "FATAL"),
    (logging.ERROR, SeverityNumber.ERROR, "ERROR"),
    (logging.WARNING, SeverityNumber.WARN, "WARN"),
    (logging.INFO, SeverityNumber.INFO, "INFO"),
    (logging.DEBUG, SeverityNumber.DEBUG, "DEBUG"),
    (logging.NOTSET, SeverityNumber.TRACE, "TRACE"),
)

followed_by: Callable[[logging.LogRecord, LogRecord], None] | None = None
"""Called with each record and what was sent of it: `llm-tracing run` sets it."""

_Reconfigure: TypeAlias = Callable[..., None]

_RECONFIGURING: tuple[tuple[ModuleType, str], ...] = (
    (logging, "basicConfig"),
    (logging.config, "dictConfig"),
    (logging.config, "fileConfig"),
)


def severity_of(level: int) -> tuple[SeverityNumber, str]:
    """The severity whose range holds a level; a level between two named ones belongs to the lower."""
    for floor, number, text in _SEVERITIES:
        if level >= floor:
            return number, text
    return SeverityNumber.UNSPECIFIED, ""


def _attributes(record: logging.LogRecord) -> dict[str, AnyValue]:
    """Where it was logged, its `extra`, and its exception."""
    found: dict[str, AnyValue] = {key: _simple(value) for key, value in vars(record).items() if key not in _STANDARD}
    found["code.file.path"] = record.pathname
    found["code.function.name"] = record.funcName
    found["code.line.number"] = record.lineno
    if record.exc_info and record.exc_info[0] is not None:
        kind, error, _ = record.exc_info
        found["exception.type"] = kind.__name__
        found["exception.message"] = str(error)
        found["exception.stacktrace"] = "".join(traceback.format_exception(*record.exc_info))
    return found


def _simple(value: object) -> AnyValue:
    return value if isinstance(value, str | bool | int | float) else str(value)


class OTLPHandler(logging.Handler):
    """Sits on the root logger and hands each record to the logger provider."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__()
        self._provider = provider

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if not self._is_own(record):
                self._send(record)
        except Exception:
            self.handleError(record)
        self._print_as_python_would(record)

    @staticmethod
    def _is_own(record: logging.LogRecord) -> bool:
        """True for what telemetry logs itself, and for what any library logs while telemetry is exported."""
        own = any(record.name == name or record.name.startswith(f"{name}.") for name in _OWN_LOGGERS)
        return own or attempted_here() is not None

    def _send(self, record: logging.LogRecord) -> None:
        number, text = severity_of(record.levelno)
        sent = LogRecord(
            timestamp=int(record.created * 1e9),
            context=get_current(),
            severity_number=number,
            severity_text=text,
            body=record.getMessage(),
            attributes=_attributes(record),
        )
        self._provider.get_logger(record.name).emit(sent)
        if followed_by is not None:
            followed_by(record, sent)

    def _print_as_python_would(self, record: logging.LogRecord) -> None:
        """A service without logging set up still sees its warnings: a root handler would silence them."""
        last_resort = logging.lastResort
        if last_resort and record.levelno >= last_resort.level and not self._has_another_handler(record.name):
            last_resort.handle(record)

    def _has_another_handler(self, logger_name: str) -> bool:
        logger: logging.Logger | None = logging.getLogger(logger_name)
        while logger:
            if any(handler is not self for handler in logger.handlers):
                return True
            logger = logger.parent if logger.propagate else None
        return False


class LogBridge:
    """Keeps the handler on the root logger, also when the service sets up its logging after `configure()`.

    `logging.basicConfig` does nothing when the root logger has a handler, and `dictConfig` takes them all
    off. So while one of those runs our handler is away, and is put back after it.
    """

    def __init__(self, provider: LoggerProvider) -> None:
        self._handler = OTLPHandler(provider)
        self._originals: list[tuple[ModuleType, str, _Reconfigure, _Reconfigure]] = []

    def install(self) -> None:
        logging.getLogger().addHandler(self._handler)
        for module, name in _RECONFIGURING:
            original = getattr(module, name)
            wrapped = self._around(original)
            setattr(module, name, wrapped)
            self._originals.append((module, name, original, wrapped))

    def remove(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        for module, name, original, wrapped in self._originals:
            if getattr(module, name) is wrapped:  # otherwise someone wrapped it after us: theirs to take off
                setattr(module, name, original)
        self._originals.clear()

    def _around(self, original: _Reconfigure) -> _Reconfigure:
        @wraps(original)
        def reconfigure(*args: object, **kwargs: object) -> None:
            root = logging.getLogger()
            was_on = self._handler in root.handlers
            root.removeHandler(self._handler)
            try:
                original(*args, **kwargs)
            finally:
                if was_on:
                    root.addHandler(self._handler)

        return reconfigure
