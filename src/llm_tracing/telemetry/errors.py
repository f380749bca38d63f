"""What can keep a service from being observed; each says what is wrong and, in `hint`, what to do.

TelemetryError         a ValueError, as everything that `configure()` refuses
|- UnknownApproach     no approach has this name
|- MissingPackages     the approach needs packages that are not installed
`- NotFirst            the approach cannot follow another one in the same process
"""

from collections.abc import Iterable


class TelemetryError(ValueError):
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class UnknownApproach(TelemetryError):
    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"LLM_TRACING_APPROACH or --approach is {name!r}, which is no approach.",
            f"Choose one of: {', '.join(known)}.",
        )


class MissingPackages(TelemetryError):
    def __init__(self, name: str, modules: Iterable[str], extra: str | None) -> None:
        package = f"llm-tracing[{extra}]" if extra else "llm-tracing"
        super().__init__(
            f"The approach {name} needs {', '.join(modules)}, not installed here.", f"pip install '{package}'"
        )


class NotFirst(TelemetryError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"The approach {name} sets up OpenTelemetry itself, and this process has it set up already.",
            "Choose it when the process starts.",
        )
