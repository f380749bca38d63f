"""What the server measures of itself while it works, as Prometheus instruments. Imports no stage.

What can be asked for at any time (sizes, queues, counts that others keep) is asked at a scrape: observing/collect.py.
"""

from prometheus_client import CollectorRegistry, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

disable_created_metrics()  # type: ignore[no-untyped-call] # series that say when another one began: noise in the text form


class Figures:
    """The instruments of one server. Times are in seconds; labels have few values whatever is sent."""

    def __init__(self, *, of_process: bool = True) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        if of_process:
            ProcessCollector(registry=self.registry)
        self.commit_seconds = Histogram(
            "llm_tracing_commit_duration_seconds",
            "Time of one commit to the store, its requests normalized before.",
            buckets=_QUICK,
            registry=self.registry,
        )
        self.checkpoint_seconds = Histogram(
            "llm_tracing_checkpoint_duration_seconds",
            "Time of one checkpoint, the log written into the file; no commit ends meanwhile.",
            buckets=_QUICK,
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "llm_tracing_http_request_duration_seconds",
            "Time until an HTTP request was answered whole, by the route that it took.",
            ("method", "route", "status"),
            buckets=_QUICK,
            registry=self.registry,
        )
        self.query_seconds = Histogram(
            "llm_tracing_store_read_duration_seconds",
            "Time that a reader kept the store, without its wait for a place.",
            buckets=_QUICK,
            registry=self.registry,
        )
        self.readers_waiting = Gauge(
            "llm_tracing_store_readers_waiting", "Queries that wait for a place to read.", registry=self.registry
        )
