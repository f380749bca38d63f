"""Read CREATE TABLE statements, and sample rows in comments after them, out of a prompt."""

import re
from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from llm_tracing.qa.offline import lexicon
from llm_tracing.qa.offline.schema import Column, Dialect, ForeignKey, Kind, Schema, Table
from llm_tracing.qa.offline.words import identifier_words

_CREATE: Final = re.compile(r"\bCREATE\s+TABLE\b", re.I)
_SAMPLES: Final = re.compile(r"/\*(.*?)\*/", re.S)
_SAMPLES_HEAD: Final = re.compile(r"\d+ rows? from (?P<table>.+?) table:\s*$", re.M)
_MOST_UNCLOSED: Final = 5
_DATE_TYPES: Final = re.compile(r"DATE|TIME", re.I)
_NUMBER_TYPES: Final = re.compile(r"NUMERIC|DECIMAL|REAL|DOUBLE|FLOAT|MONEY|NUMBER", re.I)


def has_schema(text: str) -> bool:
    """Whether the text holds a CREATE TABLE statement."""
    return _CREATE.search(text) is not None


def dialect_of(text: str) -> Dialect:
    """The dialect that the prompt names; SQLite when it names none."""
    return "postgres" if re.search(r"postgres", text, re.I) else "sqlite"


@lru_cache(maxsize=32)
def read_schema(text: str) -> Schema:
    """The schema in a prompt; statements that cannot be parsed are left out, none at all gives no tables."""
    dialect = dialect_of(text)
    samples = _sample_rows(text)
    found = [parsed for statement in _statements(text) if (parsed := _parse(statement, dialect)) is not None]
    raw_keys = [key for _, keys in found for key in keys]
    tables = {t.name: t for t in _tables([create for create, _ in found], raw_keys, samples)}
    known = {name.lower(): name for name in tables}
    keys = [_resolved(k, tables, known[k.target.lower()]) for k in raw_keys if k.target.lower() in known]
    return Schema(tables, tuple(keys), dialect)


def _statements(text: str) -> list[str]:
    """Each CREATE TABLE statement up to the bracket that closes it (comments and quotes are skipped)."""
    statements: list[str] = []
    unclosed = 0
    for found in _CREATE.finditer(text):
        if unclosed == _MOST_UNCLOSED:
            break  # each of them is read to the end of the text
        before = len(statements)
        depth, i, quote = 0, found.end(), ""
        while i < len(text):
            char = text[i]
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"`":
                quote = char
            elif text.startswith("--", i):
                i = text.find("\n", i) if "\n" in text[i:] else len(text)
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 0:
                    statements.append(text[found.start() : i + 1])
                    break
            i += 1
        unclosed += len(statements) == before
    return statements


def _parse(statement: str, dialect: Dialect) -> tuple[exp.Create, list[ForeignKey]] | None:
    for reader in (dialect, "postgres", "sqlite", "mysql"):
        try:
            create = sqlglot.parse_one(statement, read=reader)
        except (SqlglotError, RecursionError):
            continue
        if isinstance(create, exp.Create) and isinstance(create.this, exp.Schema):
            return create, _foreign_keys(create)
    return None


def _foreign_keys(create: exp.Create) -> list[ForeignKey]:
    table = create.this.this.name
    keys = []
    for column in create.find_all(exp.ColumnDef):
        for reference in column.find_all(exp.Reference):
            target, columns = _referenced(reference)
            keys.append(ForeignKey(table, (column.name,), target, columns))
    for key in create.find_all(exp.ForeignKey):
        named = key.args.get("reference")
        if isinstance(named, exp.Reference):
            target, columns = _referenced(named)
            keys.append(ForeignKey(table, tuple(i.name for i in key.expressions), target, columns))
    return keys


def _referenced(reference: exp.Reference) -> tuple[str, tuple[str, ...]]:
    target = reference.this
    if isinstance(target, exp.Schema):
        return target.this.name, tuple(i.name for i in target.expressions)
    return target.name, ()


def _resolved(key: ForeignKey, tables: dict[str, Table], target: str) -> ForeignKey:
    """The key with the target's own spelling, its key columns, and the words of its role."""
    known = set(tables[target].words)
    words = identifier_words(key.columns[0])
    role = tuple(w for w in words if w not in known and w not in ("id", "key", "fk", "code"))
    return ForeignKey(key.table, key.columns, target, key.target_columns or tables[target].primary_key, role)


def _tables(
    creates: list[exp.Create], keys: list[ForeignKey], samples: dict[str, dict[str, tuple[str, ...]]]
) -> list[Table]:
    tables = []
    for create in creates:
        identifier = create.this.this.this
        name = identifier.name
        definitions = [c for c in create.this.expressions if isinstance(c, exp.ColumnDef)]
        primary = _primary_key(create, definitions)
        foreign = {c for key in keys if key.table == name for c in key.columns}
        words = _table_words(name)
        strip = _shared_first_word(definitions, words)
        rows = samples.get(name.lower(), {})
        columns = tuple(
            _column(name, d, strip, d.name in foreign or d.name in primary, rows.get(d.name.lower(), ()))
            for d in definitions
        )
        if columns:
            tables.append(Table(name, columns, primary, words, bool(identifier.args.get("quoted"))))
    return tables


def _column(table: str, definition: exp.ColumnDef, strip: str, is_key: bool, samples: tuple[str, ...]) -> Column:
    full = identifier_words(definition.name) or (definition.name.lower(),)
    words = full[1:] if len(full) > 1 and full[0] == strip else full
    sql_type = definition.kind.sql() if definition.kind else ""
    quoted = bool(definition.this.args.get("quoted"))
    return Column(table, definition.name, _kind(sql_type, words), words, full, quoted, is_key, samples)


def _kind(sql_type: str, words: tuple[str, ...]) -> Kind:
    if _DATE_TYPES.search(sql_type):
        return "date"
    if re.search(r"BOOL", sql_type, re.I):
        return "boolean"
    if _NUMBER_TYPES.search(sql_type):
        return "number"
    if re.search(r"INT|SERIAL", sql_type, re.I):
        return "integer"
    # SQLite keeps dates as text; the name is then the only sign of one.
    return "date" if words[-1] in ("date", "timestamp", "datetime") else "text"


def _table_words(name: str) -> tuple[str, ...]:
    words = identifier_words(name)
    return words[1:] if len(words) > 1 and words[0] in lexicon.TABLE_PREFIXES else words


def _shared_first_word(definitions: list[exp.ColumnDef], table_words: tuple[str, ...]) -> str:
    """The table's own first word, when a column repeats it (cust_nm in tbl_cust); else nothing."""
    firsts = [identifier_words(d.name)[:1] for d in definitions]
    return table_words[0] if table_words and (table_words[0],) in firsts else ""


def _primary_key(create: exp.Create, definitions: list[exp.ColumnDef]) -> tuple[str, ...]:
    inline = [d.name for d in definitions if d.find(exp.PrimaryKeyColumnConstraint)]
    apart = [e.name for key in create.find_all(exp.PrimaryKey) for e in key.expressions]
    return tuple(inline or apart)


def _sample_rows(text: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """{table: {column: values}} from comments such as LangChain's `SQLDatabase.get_table_info` writes."""
    samples: dict[str, dict[str, tuple[str, ...]]] = {}
    for comment in _SAMPLES.findall(text):
        head = _SAMPLES_HEAD.search(comment)
        lines = comment[head.end() :].strip("\n").split("\n") if head else []
        if head is None or len(lines) < 2:
            continue
        names = [n.strip().strip('"').lower() for n in lines[0].split("\t")]
        rows = [line.split("\t") for line in lines[1:] if line.count("\t") == len(names) - 1]
        table = head.group("table").strip().strip('"').lower()
        samples[table] = {n: tuple(r[i].strip() for r in rows) for i, n in enumerate(names)}
    return samples
