"""The LGTM store over the stand-ins, opened as the server opens it."""

from pathlib import Path
from typing import Any

from llm_tracing.config import ServerSettings
from llm_tracing.figures import Figures
from llm_tracing.lgtm.opening import open_lgtm
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.normalize.cost import Prices
from llm_tracing.own_traces import OwnTraces
from tests.lgtm.fakes import Stack


def settings_over(stack: Stack) -> dict[str, Any]:
    return {
        "store": "lgtm",
        "tempo_url": stack.tempo.url,
        "tempo_otlp_url": stack.tempo.url,
        "loki_url": stack.loki.url,
        "prometheus_url": stack.prometheus.url,
        "lgtm_search_lag": 0.0,
    }


def settings_of(stack: Stack, folder: Path, **more: Any) -> ServerSettings:
    return ServerSettings(**({**settings_over(stack), "data": folder} | more))


def open_store(stack: Stack, folder: Path, **more: Any) -> LgtmStore:
    return open_lgtm(settings_of(stack, folder, **more), Prices(), Figures(), OwnTraces())
