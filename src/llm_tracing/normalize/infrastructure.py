"""The kind of a span that speaks no GenAI convention, by attribute and then by OpenTelemetry's span kind.

Source: OpenTelemetry semantic conventions for database and messaging spans, today's names and those before.
"""

from llm_tracing.model import OTEL_KINDS, Attributes

DB_MARKERS = ("db.system.name", "db.system", "db.query.text", "db.statement")
MESSAGING_MARKERS = ("messaging.system", "messaging.operation.type", "messaging.operation")

_BY_OTEL_KIND: dict[str, str] = {
    "unspecified": "internal",
    "internal": "internal",
    "server": "server",
    "client": "client",
    "producer": "messaging",
    "consumer": "messaging",
}
KIND_OF_NUMBER = tuple(_BY_OTEL_KIND[name] for name in OTEL_KINDS)


def infrastructure_kind(attributes: Attributes, otel_kind: int) -> str:
    """`db`, `messaging`, `server`, `client` or `internal`; `otel_kind` is the number that OTLP carries (0 to 5)."""
    for marker in DB_MARKERS:
        if marker in attributes:
            return "db"
    for marker in MESSAGING_MARKERS:
        if marker in attributes:
            return "messaging"
    return KIND_OF_NUMBER[otel_kind]
