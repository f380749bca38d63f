"""What goes: by age, by size, or because somebody asked. For the thread that writes; each call is one transaction.

Deleting marks rows; their blocks are free after a checkpoint and used again. The file itself gets smaller, and the
bytes of what was deleted are gone from it, when it is written anew: Database.rewrite, docs/adr/0004.
"""

import time
from collections.abc import Callable, Collection, Iterable
from typing import Literal
from uuid import UUID

import duckdb

from llm_tracing.model import PinRow
from llm_tracing.store.contract import Erased, Signal, Size
from llm_tracing.store.database import Database, sql
from llm_tracing.store.links import TraceLinks

Forget = Callable[[Collection[bytes], Collection[bytes]], None]
TRACES_AT_ONCE = 1_000
_STEP_NS = 6 * 3600 * 1_000_000_000  # of logs or metric points that go at once
OF_TRACE = ("spans", "traces", "calls", "payload_refs", "previews", "annotations", "trace_links", "pins", "marks")
_ATTRIBUTE = {"session_id": ('$."session.id"',), "user_id": ('$."user.id"', '$."enduser.id"')}
_WASTE_BYTES, _WASTE_SHARE = 64 * 1024 * 1024, 0.5  # free space in the file that is worth writing it anew


class DuckDBDeleter:
    """`forget` tells the writer which traces and payloads it must not take for stored any more.

    `stay` are tables of OF_TRACE whose rows do not go with the age of their trace.
    """

    def __init__(
        self, database: Database, links: TraceLinks, forget: Forget, stay: Collection[str] = frozenset()
    ) -> None:
        self._database = database
        self._links = links
        self._forget = forget
        self._stay = stay

    def delete_traces_before(self, time_unix_nano: int, limit: int = TRACES_AT_ONCE) -> int:
        """See contract.Deleter."""
        with self._database.reading() as db:
            rows = db.execute(sql("traces_before"), [time_unix_nano, limit]).fetchall()
        ids = {row[0].bytes for row in rows}
        if ids:
            self._delete(ids, all_logs=False, stay=self._stay)
        return len(ids)

    def delete_rows_before(self, table: Literal["logs", "metric_points"], time_unix_nano: int) -> bool:
        """See contract.Deleter."""
        names = {"table": table, "unpinned": _unpinned(table)}
        with self._database.writing() as db:
            row = db.execute(sql("first_before").format(**names), [time_unix_nano]).fetchone()
            if row is None or row[0] is None:
                return False
            db.execute(sql("delete_before").format(**names), [min(time_unix_nano, row[0] + _STEP_NS)])
            return True

    def time_at_share(self, table: Signal, share: float) -> int | None:
        """See contract.Deleter."""
        column = "start_time_unix_nano" if table == "traces" else "time_unix_nano"
        query = sql("time_at_share").format(table=table, column=column, unpinned=_unpinned(table))
        with self._database.reading() as db:
            row = db.execute(query, [share]).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def erase(self, what: Literal["trace", "session", "user"], name: str) -> Erased:
        """See contract.Deleter."""
        column = f"{what}_id"
        logs = 0
        found = {bytes.fromhex(name)} if what == "trace" else self._traces_of(column, name)
        erased = Erased(0, 0, 0, 0)
        wholes = {self._links.whole(trace_id) for trace_id in found}
        if wholes:
            erased = self._delete(wholes, all_logs=True)
        if what != "trace":
            with self._database.writing() as db:
                for path in _ATTRIBUTE[column]:
                    logs += _count(db.execute(sql("delete_logs_of"), [path, name]))
        erased = erased._replace(logs=erased.logs + logs)
        if any(erased):
            self._database.rewrite()
        return erased

    def _traces_of(self, column: str, name: str) -> set[bytes]:
        found: set[bytes] = set()
        with self._database.reading() as db:
            for path in _ATTRIBUTE[column]:
                rows = db.execute(sql("traces_of").format(column=column), [name, name, path, name]).fetchall()
                found.update(row[0].bytes for row in rows)
        return found

    def _delete(self, wholes: Iterable[bytes], *, all_logs: bool, stay: Collection[str] = frozenset()) -> Erased:
        """Traces with all their parts, and the payloads that nothing else holds; of the tables `stay` nothing."""
        ids = {part for whole in wholes for part in self._links.ids(whole)}
        uuids = [UUID(bytes=trace_id) for trace_id in ids]
        with self._database.writing() as db:
            held = [row[0] for row in db.execute(sql("payloads_of_traces"), [uuids]).fetchall()]
            gone = {
                table: _count(db.execute(sql("delete_of_traces").format(table=table), [uuids]))
                for table in OF_TRACE
                if table not in stay
            }
            # The texts of GenAI events are among the payloads of their trace: such a record does not outlive it.
            told = "" if all_logs else " AND genai_event IS NOT NULL"
            logs = _count(db.execute(sql("delete_of_traces").format(table="logs") + told, [uuids]))
            payloads = {row[0].bytes for row in db.execute(sql("delete_payloads"), [held]).fetchall()}
        self._forget(ids, payloads)
        return Erased(gone["traces"], gone["spans"], logs, len(payloads))

    def pin(self, trace_id: bytes, pinned_at_unix_nano: int | None = None) -> None:
        """See contract.Deleter. Now, if no time is given."""
        whole = UUID(bytes=self._links.whole(trace_id))
        with self._database.writing() as db:
            db.execute(sql("unpin"), [whole])
            db.execute("INSERT INTO pins VALUES (?, ?)", [whole, pinned_at_unix_nano or time.time_ns()])

    def unpin(self, trace_id: bytes) -> bool:
        """See contract.Deleter."""
        whole = UUID(bytes=self._links.whole(trace_id))
        with self._database.writing() as db:
            return bool(db.execute(sql("unpin"), [whole]).fetchall())

    def pins(self) -> list[PinRow]:
        """See contract.Deleter."""
        with self._database.reading() as db:
            return [PinRow(row[0].bytes, row[1]) for row in db.execute(sql("pinned")).fetchall()]

    def size(self) -> Size:
        """See contract.Deleter."""
        return self._database.size()

    def tidy(self) -> None:
        """See contract.Deleter."""
        self._database.checkpoint()

    def rewrite(self) -> None:
        """See contract.Deleter."""
        self._database.rewrite()

    def give_space_back(self) -> bool:
        """See contract.Deleter."""
        self._database.checkpoint()
        size = self._database.size()
        if size.free < _WASTE_BYTES or size.free < _WASTE_SHARE * (size.used + size.free):
            return False
        self._database.rewrite()
        return True


def _unpinned(table: Signal) -> str:
    """A condition that rows meet which may go."""
    if table == "metric_points":
        return "true"
    return "(trace_id IS NULL OR trace_id NOT IN (SELECT trace_id FROM pins))"


def _count(done: duckdb.DuckDBPyConnection) -> int:
    row = done.fetchone()
    return int(row[0]) if row else 0
