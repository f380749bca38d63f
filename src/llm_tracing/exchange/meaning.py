"""What a line of an export says of a span beside OTLP's fields: kind, model, tokens, cost, the question and the answer.

Read from the span itself. What came only as log records is in the export of the logs.
"""

from llm_tracing.exchange.fields import Fields
from llm_tracing.model import SOURCE_NAMES, SpanRecord, usd
from llm_tracing.normalize.conventions import read_content
from llm_tracing.normalize.conventions.contract import SentEvent
from llm_tracing.normalize.cost import Prices

_SAME = (
    "kind", "provider", "operation", "request_model", "response_model", "response_id", "input_tokens", "output_tokens",
    "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "session_id", "user_id",
)  # fmt: skip


def meaning(row: SpanRecord, fields: Fields, prices: Prices) -> Fields:
    """The fields to add to a span's; content is read from `fields`, where its texts are whole."""
    facts = row.facts()
    cost = prices.cost(facts) if facts.has_tokens else None
    events = [SentEvent(e["name"], e["attributes"], None, int(e["time_unix_nano"])) for e in fields["events"]]
    content = read_content(fields["attributes"], row.name, events)
    tool = content.tool
    return {
        **{name: getattr(row, name) for name in _SAME},
        "duration_ns": None if facts.is_running else str(facts.duration_ns),
        "time_to_first_token_ns": None if row.time_to_first_token_ns is None else str(row.time_to_first_token_ns),
        "cost_usd": None if cost is None else usd(cost),
        "client_cost_usd": None if row.client_cost_pico_usd is None else usd(row.client_cost_pico_usd),
        "input": content.input,
        "output": content.output,
        "input_messages": content.input_messages,
        "output_messages": content.output_messages,
        "system_instructions": content.system_instructions,
        "tool": tool
        and {"name": tool.name, "call_id": tool.call_id, "arguments": tool.arguments, "result": tool.result},
        "documents": content.documents,
        "finish_reasons": list(content.finish_reasons),
        "sources": [name for bit, name in SOURCE_NAMES.items() if row.sources & bit],
    }
