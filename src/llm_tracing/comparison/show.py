"""The comparison in a terminal: a column for each approach where there is room, else one approach after another."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from llm_tracing.api.schema_progress import Progress, ProgressCell, ProgressColumn, ProgressRow
from llm_tracing.comparison.keep import Kept

_MARKS = {"yes": "✓", "partly": "~", "no": "✗", "unknown": "?", "number": ""}
_PLAIN_MARKS = {"yes": "+", "partly": "~", "no": "-", "unknown": "?", "number": ""}
_STYLES = {"yes": "green", "partly": "yellow", "no": "red", "unknown": "dim", "number": ""}
_LABEL = 16  # characters of the first column
_LEAST = 11  # ... and of each approach's at least
_PIPED, _EACH_PIPED = 8, 18  # approaches that a pipe gets beside each other, and their width


def comparison_shown(progress: Progress, kept: Kept, out: Console) -> None:
    """Writes it; a pipe gets the table as wide as it is, whatever width a pipe claims to have."""
    width = out.width if out.is_terminal else max(out.width, _LABEL + min(len(progress.rows), _PIPED) * _EACH_PIPED)
    console = Console(file=out.file, width=width, highlight=False, no_color=out.no_color)
    console.print(Text.assemble((progress.question, "bold"), f"  {progress.answer}"), end="\n\n", soft_wrap=True)
    with console.capture() as captured:
        for part in _parts(progress, console):
            console.print(part)
    lines = captured.get().splitlines()
    print(*(lines if out.is_terminal else map(str.rstrip, lines)), sep="\n", file=out.file)
    console.print(Text(_kept_line(kept), style="dim"), soft_wrap=True)


def _parts(progress: Progress, console: Console) -> list[RenderableType]:
    ran = [row for row in progress.rows if row.outcome == "ran"]
    marks = _MARKS if "utf" in console.encoding.lower() else _PLAIN_MARKS
    parts: list[RenderableType] = []
    if ran:
        fits = console.width >= _LABEL + len(ran) * (_LEAST + 2)
        parts += [_wide(progress, ran, marks)] if fits else [_one(progress, row, marks) for row in ran]
    parts += [Text.assemble((row.approach, "bold"), f"  {row.note}") for row in progress.rows if row.outcome != "ran"]
    return parts


def _kept_line(kept: Kept) -> str:
    if kept.page:
        return f"What each cell rests on: {kept.page}"
    return f"What each cell rests on is in {kept.file}; `llm-tracing serve` shows it under /progress."


def _wide(progress: Progress, rows: Sequence[ProgressRow], marks: dict[str, str]) -> Table:
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
    table.add_column("", style="dim", min_width=_LABEL - 2)
    for row in rows:
        table.add_column(row.approach, min_width=_LEAST, overflow="fold")
    for column, last in _with_ends(progress.columns):
        found = [_cell(row, column.name) for row in rows]
        table.add_row(column.title, *(_text(cell, marks) for cell in found), end_section=last)
    return table


def _one(progress: Progress, row: ProgressRow, marks: dict[str, str]) -> Table:
    table = Table(
        title=Text.assemble((row.approach, "bold"), f"  {row.summary}"),
        title_justify="left",
        title_style="",
        box=None,
        pad_edge=False,
        show_header=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column(style="dim", min_width=_LABEL - 2)
    table.add_column()
    for column in progress.columns:
        table.add_row(column.title, _text(_cell(row, column.name), marks))
    table.add_row("")
    return table


def _with_ends(columns: Sequence[ProgressColumn]) -> list[tuple[ProgressColumn, bool]]:
    """Each column, and whether the next one is of another group."""
    following = [*columns[1:], None]
    return [
        (one, after is not None and after.group != one.group) for one, after in zip(columns, following, strict=True)
    ]


def _cell(row: ProgressRow, column: str) -> ProgressCell | None:
    return next((cell for cell in row.cells if cell.column == column), None)


def _text(cell: ProgressCell | None, marks: dict[str, str]) -> Text:
    if cell is None:
        return Text("")
    mark = marks[cell.verdict]
    return Text.assemble((f"{mark} " if mark else "", _STYLES[cell.verdict]), cell.word)
