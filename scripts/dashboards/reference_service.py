"""The reference service: what was asked of it, how it answered, what its database did."""

from typing import Any

from scripts.dashboards.panels import LOKI, TEMPO, Panel, Query, dashboard, quantile_legend, variable

_CHOSEN = 'service_name=~"$service"'
_HTTP = "http_server_request_duration_seconds"
_RATE = "[$__rate_interval]"


def _requests() -> list[Panel]:
    failed = f'sum(rate({_HTTP}_count{{{_CHOSEN},http_response_status_code=~"5.."}}{_RATE})) or vector(0)'
    return [
        Panel(
            "Requests by route", "Per second.", [
                Query(f"sum by (http_route) (rate({_HTTP}_count{{{_CHOSEN}}}{_RATE}))", "{{http_route}}")
            ], "kind:server", unit="reqps", stacked=True,
        ),
        Panel(
            "Answers by status", "Per second.", [
                Query(
                    f"sum by (http_response_status_code) (rate({_HTTP}_count{{{_CHOSEN}}}{_RATE}))",
                    "{{http_response_status_code}}",
                )
            ], "kind:server", unit="reqps", stacked=True,
        ),
        Panel(
            "Failed requests", "Share of requests answered with 5xx.", [
                Query(f"({failed}) / sum(rate({_HTTP}_count{{{_CHOSEN}}}{_RATE}))")
            ], "kind:server status:error", "stat", "percentunit", decimals=1,
        ),
        Panel(
            "Duration of /ask", "Quantiles; the points are traces.", [
                Query(
                    f"histogram_quantile({q}, sum by (le) "
                    f'(rate({_HTTP}_bucket{{{_CHOSEN},http_route="/ask"}}{_RATE})))',
                    quantile_legend(q),
                    exemplars=q == "0.95",
                )
                for q in ("0.5", "0.95", "0.99")
            ], "kind:server", unit="s", width=12,
        ),
        Panel(
            "Requests under way", "At this moment.", [
                Query(f"sum(http_server_active_requests{{{_CHOSEN}}})")
            ], "kind:server", width=12,
        ),
    ]  # fmt: skip


def _inside() -> list[Panel]:
    return [
        Panel(
            "Steps of a question", "95th percentile of each step, from the spans in Tempo.", [
                Query(
                    '{ resource.service.name =~ "$service" && span.gen_ai.operation.name = "invoke_workflow" }'
                    " | quantile_over_time(duration, .95) by (name)",
                    source=TEMPO,
                )
            ], "kind:chain", unit="s", width=12,
        ),
        Panel(
            "Statements", "Per second, from the spans in Tempo.", [
                Query(
                    '{ resource.service.name =~ "$service" && span.db.system.name != nil } | rate() by (name)',
                    source=TEMPO,
                )
            ], "kind:db", unit="reqps", width=12,
        ),
    ]  # fmt: skip


def _found() -> list[Panel]:
    return [
        Panel(
            "Failed traces", "The newest; a click opens one.", [
                Query('{ resource.service.name =~ "$service" && status = error }', source=TEMPO)
            ], "status:error", "table", width=12, height=10,
        ),
        Panel(
            "Log lines", "Warnings and worse; a line leads to its trace.", [
                Query('{service_name=~"$service"} | detected_level=~"warn|error|critical|fatal"', source=LOKI)
            ], width=12, height=10, kind="logs",
        ),
    ]  # fmt: skip


def build() -> dict[str, Any]:
    return dashboard(
        "llm-reference-service",
        "Reference service",
        "Questions in plain words to a database: requests, steps, statements, failures.",
        [("Requests", _requests()), ("Inside", _inside()), ("Look into", _found())],
        [variable("service", "Service", f"label_values({_HTTP}_count, service_name)")],
    )
