"""`llm-tracing import --from-tempo`: what Tempo has into a running server."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llm_tracing.client_key import key_header
from llm_tracing.errors import ConfigError
from llm_tracing.exchange.replay.otlp_http import HttpSender
from llm_tracing.exchange.replay.target import Target as OtlpTarget
from llm_tracing.exchange.replay.target import read_target
from llm_tracing.lgtm.backend import Backend, Target
from llm_tracing.lgtm.bucket import Bucket
from llm_tracing.lgtm.copying import Copied, copy_traces
from llm_tracing.lgtm.objects import ObjectStore
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.traceql import ALL

_SECOND = 1_000_000_000
_USUAL_S = 24 * 3_600


@dataclass(frozen=True, slots=True)
class Asked:
    """`since` and `until` are nanoseconds; without a start the last day is meant."""

    tempo: str
    server: str
    query: str = ALL
    since: int | None = None
    until: int | None = None
    headers: Sequence[str] = ()
    objects: str | None = None


def copy(asked: Asked, went_on: Callable[[Copied], None]) -> Copied:
    """Raises LlmTracingError."""
    source = read_target(asked.tempo, "http/protobuf", asked.headers, {})  # as an address is read for `replay`
    until = int(time.time()) + 1 if asked.until is None else -(-asked.until // _SECOND)
    since = until - _USUAL_S if asked.since is None else asked.since // _SECOND
    if since >= until:
        raise ConfigError("The range is empty.", "Give a --since that is before --until.")
    backend = Backend(Target("Tempo", source.endpoint, "--from-tempo", None, source.headers, 60.0))
    objects = ObjectStore(Bucket(asked.objects)) if asked.objects else None
    sender = HttpSender(
        OtlpTarget(asked.server, "http/protobuf", key_header(), None, asked.server), agent="llm-tracing-import"
    )
    try:
        return copy_traces(Tempo(backend), objects, sender, asked.query, since, until, went_on)
    finally:
        sender.close()
        backend.close()
        if objects is not None:
            objects.close()


def words_of(copied: Copied) -> str:
    found = f"{copied.traces:,} traces, {copied.spans:,} spans"
    if copied.rejected:
        found += f", {copied.rejected:,} spans refused"
    if copied.partial:
        found += f", of {copied.partial:,} traces Tempo gave a part only"
    return found + (f", {copied.gone:,} traces gone meanwhile" if copied.gone else "")
