"""The columns that tell what an approach lets one see: each looks in what was captured for what really happened.

What happened is known from elsewhere: the service's own answer, and the messages that the model was sent.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from llm_tracing.api.schema_progress import Evidence, ProgressCell, Verdict
from llm_tracing.comparison.captured import Captured, Seen
from llm_tracing.comparison.find import (
    SHOWN,
    Text,
    evidence,
    excerpt,
    find,
    matching,
    note,
    place_of_span,
    plain,
    texts_of,
)
from llm_tracing.comparison.place import PRICES

# Where HTTP's path and status stand in a span: OpenTelemetry's semantic conventions, HTTP, the stable names first.
_PATHS = ("url.path", "http.route", "http.target", "url.full", "http.url")
STATUS = ("http.response.status_code", "http.status_code")
_MILLISECONDS = re.compile(r"\b\d+(?:\.\d+)? ?ms\b")
_ENDS = 60  # characters at either end of a text that must be found


@dataclass(frozen=True, slots=True)
class Found:
    """What a column says of one approach."""

    verdict: Verdict
    word: str
    why: str
    evidence: Sequence[Evidence] = ()
    number: float | None = None
    unit: str | None = None

    def cell(self, column: str) -> ProgressCell:
        return ProgressCell(
            column=column,
            verdict=self.verdict,
            word=self.word[:200],
            number=self.number,
            unit=self.unit,
            why=self.why,
            evidence=list(self.evidence)[:40],
        )


Look = Callable[[Captured], Found]


def request(captured: Captured) -> Found:
    seen = captured.asked
    for span in seen.spans:
        path = next((name for name in _PATHS if "/ask" in str(span.attributes.get(name, ""))), None)
        status = next((name for name in STATUS if name in span.attributes), None)
        if span.otel_kind == "server" and path and status:
            code = span.attributes[status]
            told = [
                note("span", place_of_span(span), str(span.attributes[path]), path),
                note("span", place_of_span(span), str(code), status),
            ]
            return Found("yes", f"{span.name}, {code}", "A span of the request, with path, status and duration.", told)
    lines = matching(texts_of(seen), lambda text: "/ask" in text.text and f"{seen.exchange.status}" in text.text)
    if lines:
        return Found("yes", f"GET /ask, {seen.exchange.status}", "A line of the request, with path and status.", lines)
    asked = find(texts_of(seen), seen.exchange.question)
    if asked:
        return Found(
            "partly", "question only", "The question is there, the HTTP request and its status are not.", asked
        )
    return Found("no", "no", "Neither the request nor its question is in what was captured.")


def steps(captured: Captured) -> Found:
    """Each call of the model and the statement as a span of its own, with its duration."""
    seen = captured.asked
    timed = [span for span in seen.spans if span.duration_ns is not None]
    calls = [span for span in timed if span.kind == "llm"]
    statements = [span for span in timed if span.kind in ("tool", "db")]
    wanted = len(seen.exchange.sent) + 1
    shown = min(len(calls), wanted - 1) + min(len(statements), 1)
    told = [note("span", place_of_span(span), _milliseconds(span.duration_ns), "duration") for span in timed][:40]
    if shown:
        verdict: Verdict = "yes" if shown == wanted else "partly"
        why = "Of the calls of the model and the statement, those that are spans with a duration."
        return Found(verdict, f"{shown} of {wanted}", why, told, shown, "steps")
    lines = [text for text in texts_of(seen) if _MILLISECONDS.search(text.plain)]
    if lines:
        shown_lines = [evidence(text, excerpt(text.plain, 0, 200)) for text in lines[:SHOWN]]
        return Found("partly", "whole only", "The whole question's time is told, not that of its steps.", shown_lines)
    return Found("no", "no", "Nothing tells how long a step took.")


def prompt(captured: Captured) -> Found:
    """Both ends of every message that the model was sent."""
    seen = captured.asked
    texts = texts_of(seen)
    told: list[Evidence] = []
    whole = 0
    for messages in seen.exchange.sent:
        found = [_both_ends(texts, str(message.get("content", "")), limit=100) for message in messages]
        # In one place: the question alone stands in many.
        common = set.intersection(*({one.place for one in both} for both in found)) if found else set()
        if common:
            whole += 1
            told += [next(one for one in both if one.place in common) for both in found]
    calls = len(seen.exchange.sent)
    if not whole:
        return Found("no", "no", "No call's messages, as the model was sent them, are in what was captured.")
    verdict: Verdict = "yes" if whole == calls else "partly"
    why = "Calls of which every message is there from beginning to end, as the model was sent it."
    return Found(verdict, f"{whole} of {calls} calls", why, told, whole, "calls")


def answer(captured: Captured) -> Found:
    text = str(captured.asked.exchange.reply.get("answer") or "")
    return _text_seen(captured.asked, text, "the answer that the service gave")


def sql(captured: Captured) -> Found:
    text = str(captured.asked.exchange.reply.get("sql") or "")
    return _text_seen(captured.asked, text, "the statement that was run")


def rows(captured: Captured) -> Found:
    reply = captured.asked.exchange.reply
    given, count = reply.get("rows") or [], reply.get("row_count")
    if not given:
        return Found("unknown", "no rows", "The question gave no rows that could be looked for.")
    texts = texts_of(captured.asked)
    needle = json.dumps(given[0], ensure_ascii=False)
    found = find(texts, needle) or find(texts, needle.replace(", ", ","))
    if found:
        return Found("yes", f"{count:,} rows", "The rows themselves, looked for by the first.", found, count, "rows")
    counted = find(texts, f"{count} rows")
    if counted:
        return Found("partly", "count only", "How many rows there were, not what is in them.", counted, count, "rows")
    return Found("no", "no", "Neither the rows nor their number are in what was captured.")


def tokens(captured: Captured) -> Found:
    """The sum over the calls, as the model's endpoint counted them."""
    seen = captured.asked
    usage = seen.exchange.reply.get("usage")
    if not isinstance(usage, dict):
        return Found("unknown", "not counted", "The model's endpoint did not count them.")
    wanted = (usage["input_tokens"], usage["output_tokens"])
    read = tuple(
        sum(getattr(trace.trace.usage, name) or 0 for trace in seen.traces)
        for name in ("input_tokens", "output_tokens")
    )
    told = [
        note("span", f"{line.name[:120]} · span {line.span_id}", f"{name}, {line.attributes[name]}")
        for trace in seen.traces
        for line in trace.ledger
        if line.counted
        for name in line.attributes
    ]
    if any(read):
        verdict: Verdict = "yes" if read == wanted else "partly"
        why = (
            f"{read[0]:,} in and {read[1]:,} out over all calls; the endpoint counted {wanted[0]:,} and {wanted[1]:,}."
        )
        return Found(verdict, f"{sum(read):,}", why, told, sum(read), "tokens")
    lines = matching(
        texts_of(seen), lambda text: "token" in text.text and all(re.search(rf"\b{n}\b", text.text) for n in wanted)
    )
    if lines:
        return Found("yes", f"{sum(wanted):,}", "A line with both counts.", lines, sum(wanted), "tokens")
    return Found("no", "no", f"The {sum(wanted):,} tokens of the question are told nowhere.")


def cost(captured: Captured) -> Found:
    traces = captured.asked.traces
    amounts = [Decimal(trace.trace.cost.total_usd) for trace in traces if trace.trace.cost.total_usd is not None]
    if not amounts:
        return Found("no", "no", "Without the model's name and its tokens no price can be applied.")
    told = [
        note(
            "span", f"{line.name[:120]} · span {line.span_id}", f"${line.total_usd}: {line.model}, {line.price_source}"
        )
        for trace in traces
        for line in trace.ledger
        if line.counted
    ]
    why = f"The offline model is free; priced here as if it cost something ({PRICES})."
    unpriced = sum(trace.trace.cost.unpriced_calls for trace in traces)
    total = sum(amounts, Decimal(0))
    return Found("partly" if unpriced else "yes", f"${total.normalize():f}", why, told, float(total), "USD")


def _text_seen(seen: Seen, text: str, what: str) -> Found:
    if not text:
        return Found("unknown", "none", f"The question did not give {what}.")
    texts = texts_of(seen)
    whole = _both_ends(texts, text)
    if whole:
        return Found("yes", "yes", f"{what[0].upper()}{what[1:]}, from beginning to end.", whole)
    beginning = find(texts, plain(text)[:_ENDS])
    if beginning:
        return Found("partly", "cut", f"The beginning of {what}.", beginning)
    return Found("no", "no", f"{what[0].upper()}{what[1:]} is not in what was captured.")


def _both_ends(texts: Sequence[Text], text: str, limit: int = SHOWN) -> list[Evidence]:
    """The places that hold the beginning and the end of a text; what is between may have its own escapes."""
    wanted = plain(text)
    beginning, end = wanted[:_ENDS], wanted[-_ENDS:]
    holding = [one for one in texts if wanted and beginning in one.plain and end in one.plain]
    return find(holding, beginning, limit)


def _milliseconds(duration_ns: str | None) -> str:
    return f"{int(duration_ns or 0) / 1e6:,.1f} ms"
