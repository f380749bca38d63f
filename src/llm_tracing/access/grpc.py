"""Asks the gate for every gRPC call; the key comes in the metadata `authorization` or `x-api-key`."""

from collections.abc import Callable
from typing import Any

import grpc

from llm_tracing.access.gate import Gate, presented_key
from llm_tracing.errors import AccessError, ScopeMissing

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
        if not self._gate.required:
            return continuation(details)
        presented = presented_key({name: value for name, value in details.invocation_metadata if value is not None})
        key = None if presented is None else self._gate.key(presented)
        if key is not None and key.allows("ingest"):
            return continuation(details)

        def refuse(_: bytes, context: Any) -> None:
            error: AccessError = (
                ScopeMissing("ingest", key.name)
                if key is not None
                else self._gate.refusal(_address(context.peer()), wrong=presented is not None)
            )
            context.abort(_CODES[error.status], error.line())

        return grpc.unary_unary_rpc_method_handler(refuse)


def _address(peer: str) -> str:
    """`192.0.2.1` of `ipv4:192.0.2.1:4317`; the port would make each connection another sender."""
    return peer.rpartition(":")[0] or peer
