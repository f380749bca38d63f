"""What changes side data through the store: first the object place, then the window, then it is acknowledged."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from llm_tracing.lgtm.shared.rows import encode_row
from llm_tracing.lgtm.shared.side import SideData
from llm_tracing.lgtm.window import Window
from llm_tracing.model import AnnotationRow, Batch, PinRow, ProjectRow, ViewRow


class SideDoing:
    """For the thread that writes. Each raises ObjectsError where the object place does not take the change."""

    def __init__(self, side: SideData, window: Window) -> None:
        self._side = side
        self._window = window

    def write(self, batch: Batch, first: Callable[[], Batch]) -> set[bytes]:
        """Store a batch in the window with its annotations, which others see; `first` comes between the two."""
        if not batch.annotations:
            return self._window.write(first())
        told = self._side.tell("annotation", {key: encode_row(row) for key, row in batch.annotations.items()})
        ready = first()
        with self._window.turn:
            holds = self._side.settle(told)
            kept = {key: row for key, row in ready.annotations.items() if key in holds}
            touched = self._window.write(replace(ready, annotations=kept))
            self._side.done(told)
        return touched

    def delete_annotations(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        found = self._window.store.annotations_by_id(ids)
        if found:
            self._side.change("annotation", {row.annotation_id: None for row in found})
        return found

    def put_view(self, view: ViewRow) -> None:
        self._side.change("view", {view.view_id: encode_row(view)})

    def delete_view(self, view_id: bytes) -> bool:
        return self._gone("view", {view_id} & {row.view_id for row in self._window.store.views()})

    def put_project(self, project: ProjectRow) -> None:
        self._side.change("project", {project.project_id: encode_row(project)})

    def delete_project(self, project_id: bytes) -> bool:
        return self._gone("project", {project_id} & {row.project_id for row in self._window.store.projects()})

    def pin(self, trace_id: bytes) -> None:
        whole = self._window.store.whole_id(trace_id)
        self._side.change("pin", {whole: encode_row(PinRow(whole, time.time_ns()))})

    def unpin(self, trace_id: bytes) -> bool:
        """Also of a pin from before it was known what the trace is part of."""
        ids = {trace_id, self._window.store.whole_id(trace_id)}
        return self._gone("pin", ids & {row.trace_id for row in self._window.store.pins()})

    def _gone(self, kind: str, keys: set[bytes]) -> bool:
        if keys:
            self._side.change(kind, dict.fromkeys(keys))
        return bool(keys)
