"""Questions to a text-to-SQL service, as spans: the chain, the call that writes SQL, tool, database, answer."""

import json
from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.builders import MS, NOON, SECOND, chat, messages, span

SQL = "SELECT Title FROM Album WHERE ArtistId = 7 ORDER BY Title"


def rows(*found: Sequence[Any], columns: Sequence[str] = ("Title",)) -> dict[str, Any]:
    return {"columns": list(columns), "rows": [list(row) for row in found], "row_count": len(found), "truncated": False}


def question(
    trace: str,
    *,
    asked: str = "albums of the seventh artist",
    written: str = SQL,
    given: str | None = None,
    executed: str | None = None,
    result: Any = None,
    answer: str | None = "There are two albums.",
    error: tuple[str, str] | None = None,
    at: int = 0,
) -> list[Span]:
    """The spans of one question; `executed` None leaves the database out, `error` is the tool's (type, message)."""
    begin = NOON + at * SECOND
    given = written if given is None else given
    tool: dict[str, Any] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "run_sql",
        "gen_ai.tool.call.arguments": json.dumps({"query": given}),
    }
    if result is not None:
        tool["gen_ai.tool.call.result"] = result if isinstance(result, str) else json.dumps(result)
    chain = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "ask", "input.value": asked}
    if answer is not None:
        chain["output.value"] = json.dumps({"answer": answer, "sql": written})
    writes = {**chat(asked), "gen_ai.output.messages": messages("assistant", written)}
    ran = span("run_sql", 4, 2, trace=trace, start=begin + 20 * MS, duration=9 * MS, attributes=tool)
    if error is not None:
        ran.status.code, ran.status.message = Status.STATUS_CODE_ERROR, error[1]
        event = ran.events.add(name="exception", time_unix_nano=begin + 21 * MS)
        for name, text in zip(("exception.type", "exception.message"), error, strict=True):
            event.attributes.add(key=name).value.string_value = text
    found = [
        span("GET /ask", 1, trace=trace, start=begin, duration=90 * MS, kind=Span.SPAN_KIND_SERVER),
        span("ask", 2, 1, trace=trace, start=begin + MS, duration=88 * MS, attributes=chain),
        span("chat", 3, 2, trace=trace, start=begin + 2 * MS, duration=10 * MS, attributes=writes),
        ran,
    ]
    if executed is not None:
        database = {"db.system.name": "sqlite", "db.query.text": executed}
        found.append(span("SELECT", 5, 4, trace=trace, start=begin + 22 * MS, duration=3 * MS, attributes=database))
    if answer is not None:
        words = {**chat("word it"), "gen_ai.output.messages": messages("assistant", answer)}
        found.append(span("chat", 6, 2, trace=trace, start=begin + 40 * MS, duration=9 * MS, attributes=words))
    return found
