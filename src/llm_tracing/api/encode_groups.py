"""Figures, sessions, users and models in the JSON shapes of schema_stats.py and schema_groups.py."""

from collections.abc import Sequence

from llm_tracing.api.encode import Json, money, trace_summary, usage_of
from llm_tracing.api.encode_bill import model_prices
from llm_tracing.normalize.unit_prices import UnitPrices
from llm_tracing.query.turns import Turn
from llm_tracing.store.contract import Aggregate
from llm_tracing.store.contract.groups import CalledModel, TraceGroup

MAX_TEXT = 100_000  # characters of a question or an answer in a conversation
_TIMES = (
    "duration_p50_ns",
    "duration_p95_ns",
    "duration_p99_ns",
    "time_to_first_token_p50_ns",
    "time_to_first_token_p95_ns",
    "time_to_first_token_p99_ns",
    "first_time_unix_nano",
    "last_time_unix_nano",
)


def _cost(row: Aggregate | TraceGroup) -> Json:
    return {"total_usd": money(row.cost_pico_usd), "unpriced_calls": row.unpriced_calls}


def figures(row: Aggregate) -> Json:
    times = {name: getattr(row, name) for name in _TIMES}
    return {
        "count": row.count,
        "error_count": row.error_count,
        **{name: None if time is None else str(time) for name, time in times.items()},
        "streamed_count": row.streamed_count,
        "usage": usage_of(row),
        "cost": _cost(row),
    }


def _group(row: TraceGroup) -> Json:
    return {
        "first_time_unix_nano": str(row.first_time_unix_nano),
        "last_time_unix_nano": str(row.last_time_unix_nano),
        "trace_count": row.trace_count,
        "failed_count": row.failed_count,
        "llm_call_count": row.llm_call_count,
        "usage": usage_of(row),
        "cost": _cost(row),
        "services": row.services,
        "models": row.models,
    }


def session(row: TraceGroup) -> Json:
    own = {"session_id": row.key, "first_input": row.first_input, "users": row.others, "user_count": row.other_count}
    return {**own, **_group(row)}


def user(row: TraceGroup) -> Json:
    return {"user_id": row.key, "sessions": row.others, "session_count": row.other_count, **_group(row)}


def turn(row: Turn) -> Json:
    return {"trace": trace_summary(row.trace), "question": _text(row.question), "answer": _text(row.answer)}


def _text(text: str | None) -> Json | None:
    return None if text is None else {"text": text[:MAX_TEXT], "length": len(text)}


def model(row: CalledModel, prices: UnitPrices | None) -> Json:
    services: Sequence[str] = row.services
    return {
        "provider": row.provider,
        "model": row.model,
        "kind": row.kind,
        "services": services,
        "figures": figures(row.figures),
        "prices": None if prices is None else model_prices(prices),
    }
