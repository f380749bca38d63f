"""How much one span, event or log record may bring: what is beyond is cut or left out, marked and counted.

What was cut says so itself: its attribute `llm_tracing.cut` names each cut attribute with the bytes that it had. What
was left out counts in OpenTelemetry's own `dropped_attributes_count`.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from llm_tracing.normalize.anyvalue import any_value, to_json

CUT = "llm_tracing.cut"
BODY = "(body)"  # stands in it for the body of a log record
CUT_REASON, LEFT_OUT_REASON = "attribute_cut", "attribute_left_out"


@dataclass(frozen=True, slots=True)
class Limits:
    """`attributes` of one holder, `attribute_bytes` of one value."""

    attributes: int = 1_024
    attribute_bytes: int = 16 * 1024 * 1024


class Bounds:
    """The limits over one request."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._total: Counter[str] = Counter()

    def keep(self, holder: Any, service: str, refused: Counter[tuple[str, str]]) -> None:
        """Bring a span, an event or a log record within the limits, in place."""
        beyond = len(holder.attributes) - self._limits.attributes
        if beyond > 0:
            del holder.attributes[self._limits.attributes :]
            holder.dropped_attributes_count = min(holder.dropped_attributes_count + beyond, 2**32 - 1)
            self._note(service, LEFT_OUT_REASON, beyond, refused)
        if holder.ByteSize() > self._limits.attribute_bytes:
            self._cut(holder, service, refused)

    def _cut(self, holder: Any, service: str, refused: Counter[tuple[str, str]]) -> None:
        sizes = {}
        for pair in holder.attributes:
            if len(pair.key) > self._limits.attribute_bytes:
                pair.key = pair.key[: self._limits.attribute_bytes]
            if size := self._cut_value(pair.value):
                sizes[pair.key] = size
        if "body" in holder.DESCRIPTOR.fields_by_name and (size := self._cut_value(holder.body)):
            sizes[BODY] = size
        if sizes:
            mark = holder.attributes.add(key=CUT).value.kvlist_value
            for key, size in sizes.items():
                mark.values.add(key=key).value.int_value = size
            self._note(service, CUT_REASON, len(sizes), refused)

    def _cut_value(self, value: Any) -> int:
        """Cut one AnyValue, a nested one to the start of its JSON; the bytes it had, or 0 if it is short enough."""
        limit = self._limits.attribute_bytes
        if value.ByteSize() <= limit:
            return 0
        which = value.WhichOneof("value")
        if which == "bytes_value":
            size = len(value.bytes_value)
            value.bytes_value = value.bytes_value[:limit]
            return size
        whole = (value.string_value if which == "string_value" else to_json(any_value(value))).encode()
        value.string_value = whole[:limit].decode("utf-8", "ignore")
        return len(whole)

    def _note(self, service: str, reason: str, count: int, refused: Counter[tuple[str, str]]) -> None:
        refused[service, reason] += count
        self._total[reason] += count

    def message(self) -> str:
        """What was cut and left out of the request, in words; empty if nothing was."""
        words = []
        if cut := self._total[CUT_REASON]:
            limit = f"{self._limits.attribute_bytes:,} bytes (LLM_TRACING_MAX_ATTRIBUTE_BYTES)"
            words.append(f"{cut} attributes over {limit} are cut.")
        if out := self._total[LEFT_OUT_REASON]:
            limit = f"{self._limits.attributes:,} (LLM_TRACING_MAX_ATTRIBUTES)"
            words.append(f"{out} attributes beyond {limit} are left out.")
        return " ".join(words)
