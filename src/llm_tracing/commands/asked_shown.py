"""The answer to `llm-tracing ask` in a terminal."""

from typing import Any

from rich.box import SIMPLE
from rich.console import Console, Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from llm_tracing.commands.asking import Asked

ROWS_SHOWN = 20
_UNBROKEN = 20_000


def asked_shown(asked: Asked, out: Console) -> None:
    """Writes it; in a pipe no line is broken, so that the statement and the link can be taken from it."""
    console = out if out.is_terminal else Console(file=out.file, width=_UNBROKEN, highlight=False, no_color=True)
    console.print(_parts(asked, console), soft_wrap=False)


def _parts(asked: Asked, console: Console) -> RenderableType:
    parts: list[RenderableType] = [Text(asked.answer), Text("")]
    if asked.sql:
        parts += [_sql(asked.sql, console), Text("")]
    if asked.columns:
        parts.append(_rows(asked))
    return Group(*parts, *_facts(asked))


def _sql(sql: str, console: Console) -> RenderableType:
    if not console.is_terminal:
        return Text(sql)
    return Syntax(sql, "sql", theme="ansi_dark", background_color="default", word_wrap=True)


def _rows(asked: Asked) -> Table:
    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for at, name in enumerate(asked.columns):
        numeric = all(row[at] is None or isinstance(row[at], int | float) for row in asked.rows)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in asked.rows[:ROWS_SHOWN]:
        table.add_row(*(_value(value) for value in row))
    return table


def _value(value: Any) -> Text:  # a value of a row
    return Text("NULL", style="dim") if value is None else Text(str(value))


def _facts(asked: Asked) -> list[Text]:
    more = asked.row_count - ROWS_SHOWN
    rows = f"{asked.row_count:,} row{'' if asked.row_count == 1 else 's'}" + (
        ", cut at the limit" if asked.truncated else ""
    )
    facts = [rows, f"{asked.duration_ms:,.0f} ms", asked.model]
    if asked.tokens is not None:
        facts.append(f"{asked.tokens:,} tokens ({asked.input_tokens:,} in, {asked.output_tokens:,} out)")
        facts.append(f"${asked.cost_usd}" if asked.cost_usd is not None else "no price known")
    lines = [Text(f"{more:,} more rows; --json has all", style="dim")] if more > 0 else []
    lines += [Text(""), Text(" · ".join(facts))]
    lines.append(
        Text(asked.trace_url or f"No trace is shown: {asked.not_shown}.", style="" if asked.trace_url else "dim")
    )
    return lines
