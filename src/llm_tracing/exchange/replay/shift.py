"""All times of a record moved by the same amount, so that what lay side by side still does."""

from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record

_TIMES: dict[Record, tuple[str, ...]] = {
    "span": ("start_time_unix_nano", "end_time_unix_nano"),
    "log": ("time_unix_nano", "observed_time_unix_nano"),
    "point": ("time_unix_nano", "start_time_unix_nano"),
}
# record -> its list of parts that have a time of their own
_PARTS: dict[Record, str] = {"span": "events", "point": "exemplars"}
_LATEST = 2**64 - 1


def shifted(record: Record, row: Fields, by_ns: int) -> Fields:
    """A copy; a time of 0 says that there is none, and stays. Times inside of attributes and texts stay too."""
    if not by_ns:
        return row
    moved: Fields = {name: _moved(row[name], by_ns) for name in _TIMES[record]}
    if name := _PARTS.get(record):
        moved[name] = [{**part, "time_unix_nano": _moved(part["time_unix_nano"], by_ns)} for part in row[name]]
    return {**row, **moved}


def _moved(time: str, by_ns: int) -> str:
    return time if time == "0" else str(min(max(int(time) + by_ns, 1), _LATEST))


def last_time(record: Record, row: Fields) -> int:
    """When a record ends: of a span that has not, when it began."""
    return max(int(row[name]) for name in _TIMES[record])
