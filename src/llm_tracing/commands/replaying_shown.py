"""A replay on the screen: bars in a terminal, lines of their own elsewhere, a table at the end."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from llm_tracing.exchange.replay.replaying import Counts
from llm_tracing.receive.decode import Signal

_MOST_LINES = 20  # of refusals while it goes on; the table has them all


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s", style="dim")


class Shown:
    def __init__(self, out: Console, err: Console, dry_run: bool) -> None:
        self._out = out
        self._err = err
        self._dry_run = dry_run
        self._counts: Mapping[Signal, Counts] = {}
        self._lines = 0
        self._tasks: dict[Signal, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.fields[of]}"),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[said]}", markup=False),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._bars.stop()

    def note(self, line: str) -> None:
        self._bars.console.print(escape(line), style="dim")

    def waits(self, line: str) -> None:
        if not self._err.is_terminal:
            self.note(line)
        for task in self._tasks.values():
            self._bars.update(task, said=line)

    def looked(self, signal: Signal, count: int) -> None:
        self._bars.update(self._task(signal), completed=count, total=None, of="?", said="looking")

    def counted(self, counts: Mapping[Signal, Counts]) -> None:
        self._counts = counts
        for signal, one in counts.items():
            self.starts(signal, one.found - one.already)

    def starts(self, signal: Signal, waiting: int) -> None:
        self._bars.reset(self._task(signal), total=waiting, of=f"{waiting:,}", said="")

    def went_on(self, signal: Signal, counts: Counts) -> None:
        self._bars.update(self._task(signal), completed=counts.sent + counts.refused_count, said="")

    def refused(self, signal: Signal, count: int, of: int, said: str) -> None:
        self._lines += 1
        if self._lines <= _MOST_LINES:
            what = f"{count:,} of {of:,} refused" if count else f"{of:,} taken with a remark"
            self._bars.console.print(escape(f"{signal}: {what}: {said or '(no reason given)'}"))

    def summary(self) -> None:
        """What became of all; nothing if it was not even counted."""
        if not self._counts:
            return
        table = Table("signal", "found", "taken before", "to send" if self._dry_run else "sent", "refused", "still run")
        for signal, one in self._counts.items():
            sent = one.found - one.already if self._dry_run else one.sent
            table.add_row(signal, *(f"{n:,}" for n in (one.found, one.already, sent, one.refused_count, one.running)))
        self._out.print(table)
        for signal, one in self._counts.items():
            for said, count in one.refused.items():
                if count:
                    self._out.print(escape(f"{signal}: {count:,} refused: {said or '(no reason given)'}"))

    def _task(self, signal: Signal) -> TaskID:
        if signal not in self._tasks:
            self._tasks[signal] = self._bars.add_task(signal, total=None, of="?", said="")
        return self._tasks[signal]
