"""The server's own health in Prometheus' text form. Names follow OpenTelemetry's for a receiver and exporter."""

from llm_tracing.receive.counters import Counters


def prometheus_text(counters: Counters, queued_bytes: int) -> str:
    rows: list[tuple[str, str, str, list[tuple[str, int]]]] = [
        (
            "llm_tracing_receiver_requests_total",
            "counter",
            "Export requests taken, by signal.",
            [(f'{{signal="{signal}"}}', count) for signal, count in counters.requests.items()],
        ),
        ("llm_tracing_receiver_spans_total", "counter", "Spans taken.", [("", counters.spans)]),
        ("llm_tracing_receiver_log_records_total", "counter", "Log records taken.", [("", counters.logs)]),
        (
            "llm_tracing_receiver_data_points_total",
            "counter",
            "Metric points taken.",
            [("", counters.metric_points)],
        ),
        (
            "llm_tracing_receiver_refused_total",
            "counter",
            "Items or requests refused, by reason.",
            [
                ('{reason="invalid"}', counters.rejected),
                ('{reason="queue_full"}', counters.refused_queue_full),
                ('{reason="write_failed"}', counters.failed_writes),
            ],
        ),
        ("llm_tracing_store_commits_total", "counter", "Commits to the store.", [("", counters.commits)]),
        ("llm_tracing_queue_bytes", "gauge", "Bytes that wait to be written.", [("", queued_bytes)]),
    ]
    lines: list[str] = []
    for name, kind, meaning, values in rows:
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{labels} {value}" for labels, value in values]
    return "\n".join(lines) + "\n"
