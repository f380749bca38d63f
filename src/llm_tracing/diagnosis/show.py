"""The doctor's findings in a terminal: wide or narrow, with or without colours."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from llm_tracing.diagnosis.check import PROBE_SERVICE, Check, Level, Section

TITLES: dict[Section, str] = {
    "environment": "Environment",
    "delivery": "Delivery",
    "server": "Server",
    "program": "Program",
    "senders": "Senders",
}
MARKS: dict[Level, tuple[str, str, str]] = {
    "ok": ("✓", "green", "ok"),
    "info": ("·", "cyan", "note"),
    "warning": ("!", "yellow", "warning"),
    "error": ("✕", "red", "wrong"),
}
WIDE = 110
PHONE = 60
PIPED_WIDTH = 100


def console() -> Console:
    """Standard output; a pipe gets a fixed width and no colours."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def show(out: Console, checks: Sequence[Check], report: Mapping[str, Any] | None) -> None:
    parts: list[RenderableType] = []
    for section, title in TITLES.items():
        mine = [check for check in checks if check.section == section]
        senders = _senders(report, out.width) if section == "senders" and report is not None else None
        if not mine and senders is None:
            continue
        parts.append(Text(title, style="bold"))
        if senders is not None:
            parts.append(Padding(senders, (0, 0, 1 if mine else 0, 2)))
        parts += [Padding(_checks(mine), (0, 0, 0, 2))] if mine else []
        parts.append(Text())
    if out.is_terminal:
        out.print(Group(*parts, _sum(checks)))
        return
    with out.capture() as written:
        out.print(Group(*parts, _sum(checks)))
    out.file.write("".join(line.rstrip() + "\n" for line in written.get().splitlines()))


def _checks(checks: Sequence[Check]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    for check in checks:
        mark, colour, word = MARKS[check.level]
        text = Text()
        if check.is_wrong:
            text.append(f"{word}  ", style=f"bold {colour}")
        if check.sender:
            text.append(f"{check.sender}: ", style="bold")
        text.append(check.title)
        grid.add_row(Text(mark, style=f"bold {colour}"), text)
        if check.todo:
            style = "" if check.is_wrong else "dim"
            grid.add_row(Text("→", style=style), Text(check.todo, style=style))
    return grid


def _senders(report: Mapping[str, Any], width: int) -> RenderableType:
    senders = [one for one in report["senders"] if one["sender"] != PROBE_SERVICE]
    if not senders:
        return Text("Nobody has sent anything yet.", style="dim")
    wide = width >= WIDE
    names = list(COLUMNS) if wide else list(NARROW) if width >= PHONE else ["spans", "refused"]
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("sender", overflow="fold", ratio=1 if not wide else None)
    for name in names:
        table.add_column(name, justify="right")
    table.add_column("last", justify="right")
    if wide:
        table.add_column("by", overflow="fold")
    for one in senders:
        cells = {name: _number(read(one), bad=name in BAD) for name, read in COLUMNS.items()}
        row: list[RenderableType] = [Text(one["sender"]), *(cells[name] for name in names), _ago(one)]
        table.add_row(*row, *([_by(one)] if wide else []))
    return table


COLUMNS: dict[str, Any] = {
    "spans": lambda one: one["received"].get("traces", 0) + one["received"].get("runs", 0),
    "logs": lambda one: one["received"].get("logs", 0),
    "points": lambda one: one["received"].get("metrics", 0),
    "again": lambda one: one["again"],
    "late": lambda one: one["late"],
    "folded": lambda one: one["recent"]["folded"],
    "cut": lambda one: one["recent"]["cut"],
    "orphaned": lambda one: one["recent"]["orphaned"],
    "unmapped": lambda one: len(one["unmapped"]),
    "refused": lambda one: sum(one["refused"].values()),
}
NARROW = ("spans", "logs", "orphaned", "refused")
BAD = frozenset({"cut", "orphaned", "refused"})


def _number(value: int, *, bad: bool) -> Text:
    if not value:
        return Text("–", style="dim")
    return Text(f"{value:,}", style="yellow" if bad else "")


def _ago(one: Mapping[str, Any]) -> Text:
    seen = int(one["last_seen_unix_nano"])
    if not seen:
        return Text("before", style="dim")
    seconds = max(0, time.time() - seen / 1e9)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return Text(f"{seconds // size:.0f} {unit} ago")
    return Text(f"{seconds:.0f} s ago")


def _by(one: Mapping[str, Any]) -> Text:
    return Text(", ".join(one["ways"]), style="dim")


def _sum(checks: Sequence[Check]) -> Text:
    errors = sum(check.level == "error" for check in checks)
    warnings = sum(check.level == "warning" for check in checks)
    if not errors and not warnings:
        return Text("All is well.", style="bold green")
    parts = [f"{errors} wrong"] if errors else []
    parts += [f"{warnings} {'warning' if warnings == 1 else 'warnings'}"] if warnings else []
    return Text(f"{', '.join(parts)}. What to do stands after each →.", style="bold red" if errors else "bold yellow")
