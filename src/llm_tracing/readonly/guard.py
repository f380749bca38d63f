"""Whether a statement may run. Pure: no database is touched here.

This is the first of two fences; the second is the connection itself, which cannot write (see connect.py).
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from llm_tracing.readonly.errors import StatementRefused
from llm_tracing.readonly.forbidden import (
    FORBIDDEN_FUNCTIONS,
    FORBIDDEN_PREFIXES,
    FORBIDDEN_TEXT,
    SYSTEM_SCHEMAS,
    SYSTEM_TABLE_PREFIXES,
)

MAX_STATEMENT_CHARS = 20_000

# SQLAlchemy's dialect name -> sqlglot's. An unknown one is parsed with sqlglot's own superset.
DIALECTS = {
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "tsql",
    "oracle": "oracle",
    "duckdb": "duckdb",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "redshift": "redshift",
}

_WRITES = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.TruncateTable,
    exp.Copy, exp.LoadData, exp.Attach, exp.Detach, exp.Pragma, exp.Set, exp.Use, exp.Kill, exp.Command,
    exp.Transaction, exp.Commit, exp.Rollback,
)  # fmt: skip


def check_statement(sql: str, dialect: str) -> None:
    """Pass exactly one read-only SELECT; `dialect` is SQLAlchemy's name. Raises StatementRefused."""
    if len(sql) > MAX_STATEMENT_CHARS:
        raise _refused(f"the statement is longer than {MAX_STATEMENT_CHARS:,} characters")
    for pattern, reason in FORBIDDEN_TEXT:
        if pattern.search(sql):
            raise _refused(reason)
    read = DIALECTS.get(dialect, "")
    try:
        tokens = sqlglot.tokenize(sql, read=read)
        parsed = [tree for tree in sqlglot.parse(sql, read=read) if tree and not isinstance(tree, exp.Semicolon)]
    except SqlglotError as error:
        raise _refused(f"it does not parse as {dialect}: {_first_line(error)}") from error
    except RecursionError as error:
        raise _refused("it is nested too deeply") from error
    if not parsed:
        raise _refused("there is no statement in it")
    if len(parsed) > 1 or any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise _refused("there is more than one statement; only one may run")
    _check_functions(tokens)
    _check_tree(parsed[0])


def _check_tree(root: exp.Expr) -> None:
    if not isinstance(root, exp.Select | exp.SetOperation | exp.Subquery):
        raise _refused(f"only a SELECT may run, this is {_kind(root)}")
    for node in root.walk():
        if isinstance(node, _WRITES):
            raise _refused(f"only reading is allowed, and there is {_kind(node)} inside")
        if isinstance(node, exp.Into):
            raise _refused("SELECT ... INTO writes a table")
        if isinstance(node, exp.Lock):
            raise _refused("FOR UPDATE and FOR SHARE lock rows")
        if isinstance(node, exp.PropertyEQ | exp.SessionParameter | exp.Parameter | exp.Placeholder):
            raise _refused("variables and placeholders are not allowed; write the values out")
        if isinstance(node, exp.Table):
            _check_table(node)


def _check_table(table: exp.Table) -> None:
    name, schema = table.name.lower(), table.db.lower()
    if schema in SYSTEM_SCHEMAS or name in SYSTEM_SCHEMAS or name.startswith(SYSTEM_TABLE_PREFIXES):
        raise _refused(
            f"{table.name or schema} is a table of the database system, only the schema's tables may be read"
        )


def _check_functions(tokens: Sequence[Token]) -> None:
    """Look at every name before a parenthesis, quoted or not: the parser renames some of what it knows."""
    for token, following in pairwise(tokens):
        if following.token_type is not TokenType.L_PAREN:
            continue
        name = token.text.lower()
        if name in FORBIDDEN_FUNCTIONS or name.startswith(FORBIDDEN_PREFIXES):
            raise _refused(f"the function {name} is not allowed")


def _kind(node: exp.Expr) -> str:
    words = str(node.this).split() if isinstance(node, exp.Command) else [node.key]
    return (words[0] if words else "a command").upper()


def _first_line(error: Exception) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()
    return plain[0].rstrip(".") if plain else type(error).__name__


def _refused(reason: str) -> StatementRefused:
    return StatementRefused(f"{reason[0].upper()}{reason[1:]}.", hint="One read-only SELECT statement is expected.")
