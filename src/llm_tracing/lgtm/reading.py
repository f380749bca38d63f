"""What the LGTM store answers: each read brings into the window what it needs, then the window answers."""

from __future__ import annotations

from dataclasses import dataclass

from llm_tracing.lgtm.incoming import Objects
from llm_tracing.lgtm.loki import Loki
from llm_tracing.lgtm.prometheus import Prometheus
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.window import Window


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """`patience_s` is how long one question may wait for the backends; `lag_s` how far Tempo's search is behind.

    `budget` are the traces, and `log_budget` the log records, that one question may bring in for figures over a range;
    `reach_s` how far back is searched where no start is given.
    """

    patience_s: float = 10.0
    lag_s: float = 30.0
    budget: int = 2_000
    log_budget: int = 20_000
    reach_s: float = 7 * 24 * 3_600


class LgtmReads:
    """The read protocols of store/contract.py as attributes."""

    def __init__(
        self,
        window: Window,
        tempo: Tempo,
        loki: Loki,
        prometheus: Prometheus,
        objects: Objects,
        limits: ReadLimits | None = None,
    ) -> None:
        self._window = window
