"""Whether telemetry gets through: the collectors, and our server."""

from typing import Any

from scripts.dashboards.panels import Panel, Query, dashboard

_RATE = "[$__rate_interval]"
_SIGNALS = (("spans", "spans"), ("log_records", "log records"), ("metric_points", "metric points"))


def _each(name: str, by: str) -> list[Query]:
    """A counter of the collector for the three signals."""
    return [
        Query(f"sum by ({by}) (rate(otelcol_{name}_{signal}{_RATE}))", f"{said} {{{{{by}}}}}")
        for signal, said in _SIGNALS
    ]


def _collector() -> list[Panel]:
    return [
        Panel(
            "Collectors", "Those that answer.", [Query('sum(up{job="otel-collector"})')],
            kind="stat", width=4, height=4,
        ),
        Panel(
            "Queue", "Fullest queue: what waits for a backend, of what may wait.", [
                Query("max(otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)")
            ], kind="stat", unit="percentunit", width=4, height=4, decimals=1,
        ),
        Panel(
            "Memory", "Of the largest collector.", [Query("max(otelcol_process_memory_rss)")],
            kind="stat", unit="bytes", width=4, height=4,
        ),
        Panel("Received", "Per second, by receiver.", _each("receiver_accepted", "receiver"), width=12),
        Panel(
            "Refused", "Per second: the collector was full, and told its senders so.",
            _each("receiver_refused", "receiver"), width=12,
        ),
        Panel("Sent", "Per second, by exporter.", _each("exporter_sent", "exporter"), width=12),
        Panel(
            "Failed", "Per second: given up after retries, by exporter.",
            _each("exporter_send_failed", "exporter"), width=12,
        ),
        Panel(
            "Waiting", "Items in the queue of each exporter.", [
                Query("sum by (exporter, data_type) (otelcol_exporter_queue_size)", "{{exporter}} {{data_type}}")
            ], width=12,
        ),
        Panel(
            "Traces kept and left out", "Decisions of tail sampling per second, by policy.", [
                Query(
                    "sum by (policy, decision)"
                    f" (rate(otelcol_processor_tail_sampling_count_traces_sampled{_RATE}))",
                    "{{policy}} {{decision}}",
                )
            ], width=12,
        ),
    ]  # fmt: skip


def _server() -> list[Panel]:
    taken = (
        ("llm_tracing_receiver_spans_total", "spans"),
        ("llm_tracing_receiver_log_records_total", "log records"),
        ("llm_tracing_receiver_data_points_total", "metric points"),
    )
    return [
        Panel("LLM Tracing", "1: it answers.", [Query('min(up{job="llm-tracing"})')], kind="stat", width=4, height=4),
        Panel(
            "Queue of the server", "Bytes that wait to be written before senders get 503.", [
                Query("sum(llm_tracing_queue_bytes)")
            ], kind="stat", unit="bytes", width=4, height=4,
        ),
        Panel(
            "Commits", "Per second: each makes what it holds safe.", [
                Query(f"sum(rate(llm_tracing_store_commits_total{_RATE}))")
            ], kind="stat", width=4, height=4,
        ),
        Panel(
            "Taken by the server", "Per second, on disk.", [
                Query(f"sum(rate({name}{_RATE}))", said) for name, said in taken
            ], width=12,
        ),
        Panel(
            "Refused by the server", "Per second, by reason.", [
                Query(f"sum by (reason) (rate(llm_tracing_receiver_refused_total{_RATE}))", "{{reason}}")
            ], width=12,
        ),
    ]  # fmt: skip


def build() -> dict[str, Any]:
    return dashboard(
        "llm-health",
        "Collector and server health",
        "Whether telemetry gets through: received, refused, waiting, sent, failed.",
        [("Collector", _collector()), ("Server", _server())],
    )
