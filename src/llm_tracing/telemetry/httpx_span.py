"""One HTTP call -> one client span and one duration, as OpenTelemetry's HTTP conventions name them.

What `opentelemetry-instrumentation-httpx` says of a call, attribute by attribute; a test compares the two. It parses
the address three times, copies and splits the headers and asks for each attribute which generation of names is wanted.
Here the request's own parsed address is read, attributes are set together, and the span is made current once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from timeit import default_timer
from typing import Any, TypeAlias

from opentelemetry import context, trace
from opentelemetry.instrumentation.utils import is_http_instrumentation_enabled
from opentelemetry.propagate import inject
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.http_attributes import HTTP_REQUEST_METHOD, HTTP_RESPONSE_STATUS_CODE
from opentelemetry.semconv.attributes.network_attributes import (
    NETWORK_PEER_ADDRESS,
    NETWORK_PEER_PORT,
    NETWORK_PROTOCOL_VERSION,
)
from opentelemetry.semconv.attributes.server_attributes import SERVER_ADDRESS, SERVER_PORT
from opentelemetry.semconv.attributes.url_attributes import URL_FULL
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.util.http import redact_url
from opentelemetry.util.types import AttributeValue

# Requests, responses and functions of httpx and httpx2, and the official wrapper's arguments: none of them is typed.
_Theirs: TypeAlias = Any
_Attributes: TypeAlias = dict[str, AttributeValue]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_MUST = ("module", "tracer", "duration_histogram_new")
_MUST_BE_EMPTY = (
    "duration_histogram_old",
    "request_hook",
    "response_hook",
    "async_request_hook",
    "async_response_hook",
    "captured_request_headers",
    "captured_response_headers",
)
_KNOWN = frozenset({*_MUST, *_MUST_BE_EMPTY, "excluded_urls", "sem_conv_opt_in_mode", "sensitive_headers"})


@dataclass(frozen=True, slots=True)
class _Running:
    """A call that has begun."""

    span: trace.Span
    token: _Theirs
    labels: _Attributes
    began: float


def around(official: Callable[..., _Theirs]) -> Callable[..., _Theirs]:
    """Stands in for the official `_handle_request_wrapper`, which does what is not usual."""

    def handle(
        wrapped: _Theirs, instance: _Theirs, args: tuple[_Theirs, ...], kwargs: _Theirs, **given: _Theirs
    ) -> _Theirs:
        if not _usual(args, given):
            return official(wrapped, instance, args, kwargs, **given)
        if not is_http_instrumentation_enabled():
            return wrapped(*args, **kwargs)
        running = _begin(args[0], given["tracer"])
        try:
            response = wrapped(*args, **kwargs)
        except BaseException as error:
            _fail(running, error)
            raise
        _end(running, response, given["duration_histogram_new"])
        return response

    return handle


def around_async(official: Callable[..., _Theirs]) -> Callable[..., _Theirs]:
    """The same for `_handle_async_request_wrapper`."""

    async def handle(
        wrapped: _Theirs, instance: _Theirs, args: tuple[_Theirs, ...], kwargs: _Theirs, **given: _Theirs
    ) -> _Theirs:
        if not _usual(args, given):
            return await official(wrapped, instance, args, kwargs, **given)
        if not is_http_instrumentation_enabled():
            return await wrapped(*args, **kwargs)
        running = _begin(args[0], given["tracer"])
        try:
            response = await wrapped(*args, **kwargs)
        except BaseException as error:
            _fail(running, error)
            raise
        _end(running, response, given["duration_histogram_new"])
        return response

    return handle


def _usual(args: tuple[_Theirs, ...], given: dict[str, _Theirs]) -> bool:
    if not _KNOWN.issuperset(given) or any(given.get(name) is None for name in _MUST):
        return False
    if any(given.get(name) for name in _MUST_BE_EMPTY) or not args:
        return False
    if not isinstance(args[0], given["module"].Request) or args[0].method not in _METHODS:
        return False
    excluded = given.get("excluded_urls")
    # The list is false without an expression in it; with one the official function reads the address anyway.
    return not (excluded and excluded.url_disabled(str(args[0].url)))


def _begin(request: _Theirs, tracer: trace.Tracer) -> _Running:
    url, method = request.url, request.method
    host, port, full = url.host, url.port, str(url)
    # Credentials stand before an @, and parameters that are masked after a ?.
    attributes: _Attributes = {HTTP_REQUEST_METHOD: method, URL_FULL: redact_url(full) if _may_hide(full) else full}
    labels: _Attributes = {HTTP_REQUEST_METHOD: method}
    if host:
        attributes[SERVER_ADDRESS] = attributes[NETWORK_PEER_ADDRESS] = labels[SERVER_ADDRESS] = host
    if port:
        attributes[SERVER_PORT] = attributes[NETWORK_PEER_PORT] = labels[SERVER_PORT] = port
    span = tracer.start_span(method, kind=SpanKind.CLIENT, attributes=attributes)
    token = context.attach(trace.set_span_in_context(span))
    inject(request.headers)
    return _Running(span, token, labels, default_timer())


def _may_hide(address: str) -> bool:
    return "@" in address or "?" in address


def _end(running: _Running, response: _Theirs, durations: _Theirs) -> None:
    took = max(default_timer() - running.began, 0)
    status = response.status_code
    told: _Attributes = {HTTP_RESPONSE_STATUS_CODE: status}
    if version := response.http_version.replace("HTTP/", ""):
        told[NETWORK_PROTOCOL_VERSION] = version
    if status >= 400 or status < 100:
        told[ERROR_TYPE] = str(status)
        running.span.set_status(Status(StatusCode.ERROR))
    running.span.set_attributes(told)
    running.labels.update(told)
    durations.record(took, attributes=running.labels)
    context.detach(running.token)
    running.span.end()


def _fail(running: _Running, error: BaseException) -> None:
    """As `use_span` ends a span; what is no Exception (a cancelled task) is no error of the call."""
    context.detach(running.token)
    if isinstance(error, Exception) and running.span.is_recording():
        running.span.set_attribute(ERROR_TYPE, type(error).__qualname__)
        running.span.record_exception(error)
        running.span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
    running.span.end()
