"""What somebody said of a span, a trace or a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from llm_tracing.model import AnnotationRow


@dataclass(frozen=True, slots=True)
class AnnotationPage:
    """Which annotations, newest first: all that is given must hold, an empty sequence asks for nothing.

    `after` is (created_at, annotation id as 32 hex digits) of the last row before; `sources` are the `type` of the
    source, `projects` LangSmith's ids of projects (with dashes) for what is said of a project.
    """

    limit: int = 50
    offset: int = 0
    after: tuple[int, str] | None = None
    since: int | None = None
    until: int | None = None
    trace_id: bytes | None = None
    trace_ids: Sequence[bytes] | None = None
    run_ids: Sequence[bytes] = ()
    keys: Sequence[str] = ()
    sources: Sequence[str] = ()
    projects: Sequence[str] = ()


class AnnotationStore(Protocol):
    def annotations(self, page: AnnotationPage) -> list[AnnotationRow]:
        """Newest first, ties by id."""
        ...

    def annotation_words(self, limit: int) -> list[tuple[str, str | None, int]]:
        """(key, tag, how often) of what was said, most often first; `tag` is the text of one under the key `tag`."""
        ...

    def annotations_by_id(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        """Those of these ids that are stored, in no order."""
        ...

    def delete_annotations(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        """Delete durably; the rows that are gone. For the thread that writes."""
        ...
