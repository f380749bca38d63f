"""Two records of one span to one: a run's start and its end, a span while it runs and when it has ended."""

import orjson

from llm_tracing.model import FACTS, STATUS_ERROR, SpanFacts, SpanRecord

_NOTHING = ("", "{}", "[]", None)


def merge_facts(earlier: SpanFacts, later: SpanFacts) -> SpanFacts:
    """What either says; where both do, the later one. Only a status can't be taken back."""
    merged = SpanFacts._make(a if b in (None, "", 0) else b for a, b in zip(earlier, later, strict=True))
    failed = STATUS_ERROR in (earlier.status_code, later.status_code)
    return merged._replace(
        status_code=STATUS_ERROR if failed else max(earlier.status_code, later.status_code),
        sources=earlier.sources | later.sources,
    )


def merge_runs(earlier: SpanRecord, later: SpanRecord) -> SpanRecord:
    facts = merge_facts(earlier.facts(), later.facts())
    rest = [a if b in (None, "", 0) else b for a, b in zip(earlier[FACTS:], later[FACTS:], strict=True)]
    attributes = orjson.loads(earlier.attributes)
    attributes |= {key: value for key, value in orjson.loads(later.attributes).items() if value not in _NOTHING}
    return SpanRecord._make((*facts, *rest))._replace(attributes=orjson.dumps(attributes).decode())
