"""LangSmith's runs and projects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from llm_tracing.model import ProjectRow, SpanRecord
from llm_tracing.store.contract.filters import Filter


@dataclass(frozen=True, slots=True)
class RunPage:
    """Which LangSmith runs, by start time: all that is given must hold, None and empty ask for nothing.

    `after` is (start, trace id and span id as 48 hex digits) of the last run before. `until` is not in the range.
    `attributes` are names with the text that each must have, `mentions` names with a text of plain letters and digits
    that each must hold somewhere; of the latter a store may give more.
    """

    limit: int = 100
    newest_first: bool = True
    since: int | None = None
    until: int | None = None
    after: tuple[int, str] | None = None
    services: Sequence[str] | None = None
    trace_id: bytes | None = None
    span_ids: Sequence[int] | None = None
    parent_span_ids: Sequence[int] | None = None
    is_root: bool | None = None
    failed: bool | None = None
    attributes: Sequence[tuple[str, str]] = ()
    mentions: Sequence[tuple[str, str]] = ()
    filters: Sequence[Filter] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class StoredRuns:
    """Runs with their content. Of a run that was sent running and ended the row that says most is taken.

    `after` is where the next page goes on, None at the end; a page may hold fewer runs than its limit.
    """

    spans: list[SpanRecord]
    payloads: dict[bytes, str]
    after: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class RunProject:
    """A service that has LangSmith runs."""

    name: str
    run_count: int
    first_start_unix_nano: int
    last_start_unix_nano: int


class RunReader(Protocol):
    def runs(self, page: RunPage) -> StoredRuns:
        """LangSmith runs, with content."""
        ...

    def run_projects(self) -> list[RunProject]:
        """Every service that has LangSmith runs, by name."""
        ...


class ProjectStore(Protocol):
    def projects(self) -> list[ProjectRow]:
        """Created projects, by name."""
        ...

    def put_project(self, project: ProjectRow) -> None:
        """Store one durably, in place of the one with its id. For the thread that writes."""
        ...

    def delete_project(self, project_id: bytes) -> bool:
        """Forget one durably; whether it was there. For the thread that writes."""
        ...
