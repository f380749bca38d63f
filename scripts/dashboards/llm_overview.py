"""What calls of models do, what they take, and what they cost."""

from typing import Any

from scripts.dashboards.panels import TEMPO, Panel, Query, dashboard, quantile_legend, variable

_CHOSEN = 'service_name=~"$service",gen_ai_request_model=~"$model"'
_CALLS = "gen_ai_client_operation_duration_seconds"
_TOKENS = "gen_ai_client_token_usage"
_FIRST = "gen_ai_client_operation_time_to_first_chunk_seconds"
_RATE = "[$__rate_interval]"


def _quantile(metric: str, quantile: str) -> Query:
    text = f"histogram_quantile({quantile}, sum by (le) (rate({metric}_bucket{{{_CHOSEN}}}{_RATE})))"
    return Query(text, quantile_legend(quantile), exemplars=quantile == "0.95")


def _errors_share(by: str = "") -> str:
    failed = f'sum{by} (rate({_CALLS}_count{{{_CHOSEN},error_type!=""}}{_RATE}))'
    return f"({failed} or vector(0)) / sum{by} (rate({_CALLS}_count{{{_CHOSEN}}}{_RATE}))"


def _requests() -> list[Panel]:
    return [
        Panel(
            "Calls", "Calls of models per second.", [
                Query(f"sum(rate({_CALLS}_count{{{_CHOSEN}}}{_RATE}))")
            ], "kind:llm", "stat", "reqps", 4, 4,
        ),
        Panel(
            "Errors", "Share of calls that failed.", [Query(_errors_share())],
            "kind:llm status:error", "stat", "percentunit", 4, 4, decimals=1,
        ),
        Panel(
            "Tokens", "Tokens per second, in and out.", [
                Query(f"sum(rate({_TOKENS}_sum{{{_CHOSEN}}}{_RATE}))")
            ], "kind:llm", "stat", "short", 4, 4,
        ),
        Panel(
            "Cost of 24 h",
            "Estimated at list prices, without discounts for cached input. The exact bill is in LLM Tracing.",
            [Query(f"sum(increase(llm_tracing:cost_usd:total{{{_CHOSEN}}}[24h]))")],
            "kind:llm", "stat", "currencyUSD", 6, 4, decimals=4,
        ),
        Panel(
            "Calls without a price",
            "Tokens per second of models that the price list does not have: unpriced, which is not free.",
            [Query(f"sum(rate(llm_tracing:unpriced_tokens:total{{{_CHOSEN}}}{_RATE})) or vector(0)")],
            "kind:llm", "stat", "short", 6, 4,
        ),
        Panel(
            "Calls by model", "Per second.", [
                Query(
                    f"sum by (gen_ai_request_model) (rate({_CALLS}_count{{{_CHOSEN}}}{_RATE}))",
                    "{{gen_ai_request_model}}",
                )
            ], "kind:llm", unit="reqps", width=12, stacked=True,
        ),
        Panel(
            "Errors by type", "Failed calls per second.", [
                Query(
                    "sum by (error_type, gen_ai_request_model)"
                    f' (rate({_CALLS}_count{{{_CHOSEN},error_type!=""}}{_RATE}))',
                    "{{error_type}} {{gen_ai_request_model}}",
                )
            ], "kind:llm status:error", unit="reqps", width=12, stacked=True,
        ),
    ]  # fmt: skip


def _latency() -> list[Panel]:
    quantiles = ("0.5", "0.95", "0.99")
    return [
        Panel(
            "Duration of calls", "Quantiles of all calls; the points are traces.",
            [_quantile(_CALLS, quantile) for quantile in quantiles],
            "kind:llm duration:>2s", unit="s", width=12,
        ),
        Panel(
            "Time to the first token", "Of calls that stream their answer.",
            [_quantile(_FIRST, quantile) for quantile in quantiles],
            "kind:llm", unit="s", width=12,
        ),
    ]  # fmt: skip


def _tokens() -> list[Panel]:
    return [
        Panel(
            "Tokens by bucket", "Per second. Input includes what was cached, output what was reasoned.", [
                Query(
                    f"sum by (gen_ai_token_type) (rate({_TOKENS}_sum{{{_CHOSEN}}}{_RATE}))", "{{gen_ai_token_type}}"
                )
            ], "kind:llm", width=8, stacked=True,
        ),
        Panel(
            "Cached input", "Input tokens that were read from the provider's cache, from the spans in Tempo.", [
                Query(
                    "{ span.gen_ai.usage.cache_read.input_tokens > 0 }"
                    " | sum_over_time(span.gen_ai.usage.cache_read.input_tokens) by (span.gen_ai.request.model)",
                    source=TEMPO,
                )
            ], "kind:llm", width=8,
        ),
        Panel(
            "Reasoning", "Output tokens that the model used to think, from the spans in Tempo.", [
                Query(
                    "{ span.gen_ai.usage.reasoning.output_tokens > 0 }"
                    " | sum_over_time(span.gen_ai.usage.reasoning.output_tokens) by (span.gen_ai.request.model)",
                    source=TEMPO,
                )
            ], "kind:llm", width=8,
        ),
    ]  # fmt: skip


def _cost() -> list[Panel]:
    return [
        Panel(
            "Cost by model", "Estimated US dollars per hour at list prices.", [
                Query(
                    "3600 * sum by (gen_ai_request_model)"
                    f" (rate(llm_tracing:cost_usd:total{{{_CHOSEN}}}{_RATE}))",
                    "{{gen_ai_request_model}}",
                )
            ], "kind:llm cost:>0", unit="currencyUSD", width=8, stacked=True,
        ),
        Panel(
            "Tokens by user",
            "From the spans in Tempo, of services that put `user.id` on their calls. "
            "Cost by user, exact, is on the dashboard of LLM Tracing.",
            [
                Query(
                    "{ span.gen_ai.usage.input_tokens > 0 && span.user.id != nil }"
                    " | sum_over_time(span.gen_ai.usage.input_tokens) by (span.user.id)",
                    source=TEMPO,
                )
            ], "kind:llm", width=8,
        ),
        Panel(
            "Requests by user", "From the root spans in Tempo.", [
                Query("{ nestedSetParent < 0 && span.user.id != nil } | rate() by (span.user.id)", source=TEMPO)
            ], width=8, unit="reqps",
        ),
    ]  # fmt: skip


def build() -> dict[str, Any]:
    return dashboard(
        "llm-overview",
        "LLM overview",
        "Requests, errors, latency, tokens and cost of every service that calls a model.",
        [("Requests", _requests()), ("Latency", _latency()), ("Tokens", _tokens()), ("Cost", _cost())],
        [
            variable("service", "Service", f"label_values({_CALLS}_count, service_name)"),
            variable(
                "model",
                "Model",
                f'label_values({_CALLS}_count{{service_name=~"$service"}}, gen_ai_request_model)',
                ".*",  # a call that failed early may not know its model
            ),
        ],
    )
