"""A small history: questions to a text-to-SQL service, a plain request, logs and metrics.

ASK     10 s after noon, ok       GET /ask > qa > (chat > POST), (run_sql > connect, SELECT), chat
FAILED  20 s after noon, error    chat, with an exception event
PLAIN   30 s after noon           GET /rolldice of another service, no GenAI span
TIED    40 s after noon           seven traces that start at once
"""

import json
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.builders import (
    MS,
    NOON,
    SECOND,
    chat,
    counter,
    key_values,
    log,
    log_request,
    messages,
    metric_request,
    span,
    trace_hex,
    trace_request,
)

ASK, FAILED, PLAIN = trace_hex(0xA), trace_hex(0xB), trace_hex(0xC)
TIED = [trace_hex(0xD00 + n) for n in range(7)]
QUESTION = "list the most popular albums"
ANSWER = 'Minha Historia 27, Acústico 22, "Unplugged" 25'
SQL = "SELECT Title, count(*) FROM Album GROUP BY 1"

CHAIN: dict[str, Any] = {
    "gen_ai.operation.name": "invoke_workflow",
    "gen_ai.workflow.name": "qa",
    "gen_ai.usage.input_tokens": 999,
    "session.id": "s1",
    "user.id": "u7",
}
TOOL: dict[str, Any] = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "run_sql",
    "gen_ai.tool.call.id": "call_1",
    "gen_ai.tool.call.arguments": json.dumps({"sql": SQL}),
    "gen_ai.tool.call.result": json.dumps([["Acústico", 22]]),
}
FIRST_CALL = {
    **chat(
        tokens=(1_000, 50),
        gen_ai__usage__cache_read__input_tokens=400,
        gen_ai__usage__reasoning__output_tokens=20,
        gen_ai__response__model="gpt-4o-mini-2024-07-18",
        gen_ai__response__time_to_first_chunk=0.25,
        gen_ai__request__stream=True,
    ),
    "gen_ai.input.messages": messages("user", QUESTION),
    "gen_ai.output.messages": messages("assistant", SQL),
    "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "You write SQL."}]),
    "gen_ai.response.finish_reasons": ["stop"],
}
# As Python's json writes it: everything beyond ASCII escaped.
SECOND_CALL = {
    **chat(model="offline-sql", tokens=(200, 30)),
    "gen_ai.input.messages": json.dumps([{"role": "user", "content": "Word it: Acústico 22"}]),
    "gen_ai.output.messages": json.dumps([{"role": "assistant", "content": ANSWER}]),
}
CLIENT, SERVER = Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_SERVER


def ask() -> list[Span]:
    def at(ms: int) -> int:
        return NOON + 10 * SECOND + ms * MS

    db = {"db.system.name": "sqlite", "db.query.text": SQL}
    return [
        span("GET /ask", 1, trace=ASK, start=at(0), duration=900 * MS, kind=SERVER, status=1),
        span("qa", 2, 1, trace=ASK, start=at(1), duration=890 * MS, attributes=CHAIN),
        span("chat", 3, 2, trace=ASK, start=at(2), duration=300 * MS, kind=CLIENT, attributes=FIRST_CALL),
        span("POST", 4, 3, trace=ASK, start=at(3), duration=290 * MS, kind=CLIENT),
        span("run_sql", 5, 2, trace=ASK, start=at(310), duration=20 * MS, attributes=TOOL),
        span("connect", 6, 5, trace=ASK, start=at(311), duration=MS, attributes={"db.system.name": "sqlite"}),
        span("SELECT", 7, 5, trace=ASK, start=at(313), duration=5 * MS, attributes=db),
        span("chat", 8, 2, trace=ASK, start=at(400), duration=400 * MS, kind=CLIENT, attributes=SECOND_CALL),
    ]


def failed() -> Span:
    call = span(
        "chat",
        1,
        trace=FAILED,
        start=NOON + 20 * SECOND,
        status=2,
        attributes={**chat("what is 100% of it?", model="our-own-7b", provider="acme"), "error.type": "RateLimit"},
    )
    event = call.events.add(name="exception", time_unix_nano=NOON + 20 * SECOND + 5)
    event.attributes.extend(key_values({"exception.type": "openai.RateLimitError", "exception.message": "slow down"}))
    link = call.links.add(trace_id=bytes.fromhex(ASK), span_id=(8).to_bytes(8, "big"), trace_state="a=b")
    link.attributes.extend(key_values({"why": "retry of"}))
    return call


def everything() -> list[Message]:
    plain = span("GET /rolldice", 1, trace=PLAIN, start=NOON + 30 * SECOND, duration=3 * SECOND, kind=SERVER)
    tied = [span(f"tied {n}", 1, trace=trace, start=NOON + 40 * SECOND) for n, trace in enumerate(TIED)]
    return [
        trace_request(*ask(), service="qa"),
        trace_request(failed(), service="qa"),
        trace_request(plain, service="dice"),
        trace_request(*tied, service="tied"),
        log_request(
            log("asked", trace=ASK, span_id=2, time=NOON + 10 * SECOND, attributes={"question": QUESTION}),
            log("running", trace=ASK, span_id=5, time=NOON + 11 * SECOND),
            log({"message": "slow down"}, trace=FAILED, time=NOON + 20 * SECOND, severity=17),
            service="qa",
        ),
        log_request(*(log(f"tick {n}", time=NOON) for n in range(5)), service="dice"),
        metric_request(counter("dice.rolls", 1, 2, 3), service="dice"),
    ]
