"""The projects of a running server: each a stack of its own, opened at the start or when it is made.

The key file says which there are, and the command line writes there while the server runs: a thread looks once a
second. What the process has to share (memory of the stores, bytes that wait) is shared evenly among those open.
"""

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, RLock, Thread
from typing import NamedTuple

from starlette.types import ASGIApp

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.projects import DEFAULT, Project, ProjectSettings, folder_of
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, LlmTracingError, OtherProject, StoreError
from llm_tracing.figures import Figures
from llm_tracing.observing.by_project import metrics_text
from llm_tracing.own_traces import OwnTraces
from llm_tracing.serving.stack import Share, Stack

logger = logging.getLogger(__name__)

LOOK_S = 1.0
_TRY_AGAIN_S = 30.0  # with a project that could not be opened


class _Opened(NamedTuple):
    project: Project
    stack: Stack
    app: ASGIApp


class _Failed(NamedTuple):
    project: Project
    at: float


_ONE_PLACE = (
    "Over Tempo, Loki and Prometheus projects can't be kept apart.",
    "Serve each from a server of its own, with a tenant of its own (LLM_TRACING_TEMPO_TENANT and the like).",
)


class ProjectClosed(StoreError):
    """It is there, and cannot be used now."""


class Projects:
    """`default` is opened when this is made and must open; another one that cannot is told and tried again.

    Raises ConfigError or StoreError.
    """

    def __init__(
        self,
        settings: ServerSettings,
        keyring: Keyring,
        traces: OwnTraces,
        make_app: Callable[[Stack], ASGIApp],
    ) -> None:
        self._settings = settings
        self._keyring = keyring
        self._traces = traces
        self._make_app = make_app
        self._lock = RLock()
        self._opened: dict[str, _Opened] = {}
        self._failed: dict[str, _Failed] = {}
        self._started = False
        self._stopping = Event()
        self._thread = Thread(target=self._watch, name="projects", daemon=True)
        self.default = Stack(settings, Figures(), traces)
        default = Project(DEFAULT, 0, ProjectSettings())
        self._opened[DEFAULT] = _Opened(default, self.default, make_app(self.default))

    def start(self) -> None:
        """Open those of the key file and begin the threads of all."""
        self.default.start()
        self._started = True
        self.look()
        self._thread.start()

    def end_streams(self) -> None:
        """End what would never end by itself, so that the server can stop."""
        for one in self._stacks():
            one.live.close()

    def stop(self) -> None:
        """Write what was taken, of every project, and close them."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            for one in self._stacks():
                one.stop() if self._started else one.close()
            self._opened.clear()

    @property
    def several(self) -> bool:
        return len(self._opened) > 1

    def opened(self, name: str) -> ASGIApp | None:
        """See api.dispatching.Opened."""
        found = self._opened.get(name)
        return None if found is None else found.app

    def open(self, name: str) -> ASGIApp:
        """See api.dispatching.Opened."""
        return self._get(name).app

    def stack(self, name: str) -> Stack:
        """Raises OtherProject or StoreError."""
        found = self._opened.get(name)
        return self._get(name).stack if found is None else found.stack

    def figures(self, name: str | None) -> Figures:
        """Where a request to a project is measured; to none, or to one that is not open, at `default`."""
        found = self._opened.get(name or DEFAULT)
        return self.default.figures if found is None else found.stack.figures

    def metrics_text(self, name: str | None) -> bytes:
        """The figures of a project; with None of all, where others than `default` have the label `project`."""
        opened = {one: found.stack.figures.registry for one, found in dict(self._opened).items()}
        return metrics_text(opened if name is None else {DEFAULT: opened[name]} if name in opened else {})

    def check(self, only_reading: bool) -> None:
        """Raises StoreError with the first thing that is wrong with any of them. Who asks may be anybody."""
        check_one(self.default, only_reading)
        if any(not failed.project.deleting for failed in dict(self._failed).values()):
            raise ProjectClosed("A project could not be opened.", "The server's log says which, and why.")
        for name, one in dict(self._opened).items():
            try:
                check_one(one.stack, only_reading)
            except StoreError as error:
                if self._opened.get(name) is not one:
                    continue  # it was closed meanwhile
                logger.error("Project %s: %s", name, error.line())
                raise ProjectClosed(
                    "A project does not do its work.", "The server's log says which, and why."
                ) from error

    def look(self) -> None:
        """Do what the key file asks for: open, open anew with other settings, close and remove."""
        known = {one.name: one for one in self._keyring.projects()}
        with self._lock:
            for name in [name for name in self._opened if name not in known and name != DEFAULT]:
                self._close(name)
            for project in known.values():
                self._bring(project)

    def _bring(self, project: Project) -> None:
        found = self._opened.get(project.name)
        if project.deleting:
            self._remove(project)
        elif found is None:
            failed = self._failed.get(project.name)
            if failed is None or failed.project != project or time.monotonic() - failed.at > _TRY_AGAIN_S:
                self._open(project)
        elif found.project != project:
            self._close(project.name)
            self._open(project)

    def _get(self, name: str) -> _Opened:
        with self._lock:
            if name not in self._opened and not self._stopping.is_set():
                self.look()
            if (found := self._opened.get(name)) is not None:
                return found
            if name in self._failed:
                if self._settings.store != "embedded":
                    raise ProjectClosed(*_ONE_PLACE)
                raise ProjectClosed("The project could not be opened.", "The server's log says why.")
        raise OtherProject

    def _open(self, project: Project) -> None:
        try:
            if self._settings.store != "embedded":
                raise ConfigError(*_ONE_PLACE)
            if len(self._opened) >= self._settings.max_projects:
                raise ConfigError(
                    f"There are {len(self._opened)} projects open, as many as may be.",
                    "Delete one, or raise LLM_TRACING_MAX_PROJECTS.",
                )
            share = self._share(len(self._opened) + 1)
            settings = project.settings.in_effect(self._settings, project.name)
            settings = settings.model_copy(update={"memory_limit_mb": share.memory_mb, "max_queue": share.queue_bytes})
            own = frozenset(project.settings.model_dump(exclude_none=True)) | {"data"}
            stack = Stack(settings, Figures(of_process=False), self._traces, project.name, own)
            app = self._make_app(stack)
        except (LlmTracingError, OSError) as error:
            reason = error.line() if isinstance(error, LlmTracingError) else str(error)
            logger.error("Project %s can't be opened: %s", project.name, reason)
            self._failed[project.name] = _Failed(project, time.monotonic())
            return
        stack.start()
        self._failed.pop(project.name, None)
        self._opened = {**self._opened, project.name: _Opened(project, stack, app)}
        self._share_out()

    def _close(self, name: str) -> None:
        gone = self._opened[name]
        self._opened = {one: found for one, found in self._opened.items() if one != name}
        gone.stack.stop(after_readers=True)
        self._share_out()

    def _remove(self, project: Project) -> None:
        """Close it and remove its files; what cannot be removed now is tried again at the next look."""
        if project.name in self._opened:
            self._close(project.name)
        self._failed.pop(project.name, None)
        try:
            remove_files(self._settings.data, project.name)
        except OSError as error:
            logger.error("The files of project %s can't be removed (%s).", project.name, error.strerror or error)
            return
        with suppress(StoreError):  # a key file that can only be read; the next look tries again
            self._keyring.forget_project(project.name)

    def _share(self, count: int) -> Share:
        settings = self._settings
        return Share.of(settings.memory_limit_mb, settings.max_queue, count)

    def _share_out(self) -> None:
        share = self._share(len(self._opened))
        for one in self._stacks():
            one.limit(share)

    def _stacks(self) -> list[Stack]:
        return [one.stack for one in self._opened.values()]

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_S):
            try:
                self.look()
            except Exception:  # a key file that is busy must not end the look for good
                logger.exception("The projects could not be looked at")


def check_one(stack: Stack, only_reading: bool) -> None:
    """Raises StoreError if a project does not do its work, or that part of it."""
    if only_reading:
        stack.ready.check_reading()
    else:
        stack.ready.check()


def remove_files(data: Path, name: str) -> None:
    """The whole folder of a project that nobody has open. Raises OSError."""
    assert name != DEFAULT
    folder = folder_of(data, name)
    if folder.exists():
        shutil.rmtree(folder)
