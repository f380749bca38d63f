"""Asks the gate for every gRPC call; the key comes in the metadata `authorization` or `x-api-key`."""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import grpc

from llm_tracing.access.gate import Gate, presented_key
from llm_tracing.access.policy import CHOSEN_PROJECT
from llm_tracing.access.projects import DEFAULT
from llm_tracing.errors import AccessError, ProjectMissing

PROJECT: ContextVar[str] = ContextVar("project", default=DEFAULT)  # of the call that the current thread answers

_CODES = {
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


class GateInterceptor(grpc.ServerInterceptor):
    """Everything that comes over gRPC is telemetry, so it needs the scope `ingest`."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        sent = {name: value for name, value in details.invocation_metadata if value is not None}
        presented, chosen = presented_key(sent), sent.get(CHOSEN_PROJECT)
        if not self._gate.required and presented is None and chosen is None:
            return continuation(details)

        def serve(messages: Iterator[bytes], context: Any) -> bytes:
            """Asks on the thread of the call: looking a key up may take a file."""
            try:
                caller = self._gate.admit("ingest", presented, None, _address(context.peer()), chosen)
                project = caller.project
                if project is None:
                    raise ProjectMissing(caller.name)
            except AccessError as error:
                context.abort(_CODES[error.status], error.line())
                raise
            token = PROJECT.set(project)
            try:
                answer: bytes = handler.stream_unary(messages, context)
                return answer
            finally:
                PROJECT.reset(token)

        handler = continuation(details)
        if handler is None or handler.stream_unary is None:
            return handler
        return grpc.stream_unary_rpc_method_handler(serve, handler.request_deserializer, handler.response_serializer)


def _address(peer: str) -> str:
    """`192.0.2.1` of `ipv4:192.0.2.1:4317`; the port would make each connection another sender."""
    return peer.rpartition(":")[0] or peer
