"""What the service says about itself in its telemetry, through OpenTelemetry's API only.

Without an SDK all of this does nothing. The request's root span is the one of the FastAPI instrumentation.
"""

from opentelemetry import trace


def note_conversation(session_id: str | None, user_id: str | None) -> None:
    """Put the conversation and the person on the current span (semantic conventions: session.id, user.id)."""
    span = trace.get_current_span()
    if session_id:
        span.set_attribute("session.id", session_id)
    if user_id:
        span.set_attribute("user.id", user_id)


def current_trace_id() -> str | None:
    """32 lower-case hex digits; None when the request is not traced or not sampled: no link leads nowhere."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid or not context.trace_flags.sampled:
        return None
    return trace.format_trace_id(context.trace_id)


def trace_url(ui_url: str, trace_id: str | None) -> str | None:
    return f"{ui_url.rstrip('/')}/traces/{trace_id}" if trace_id else None
