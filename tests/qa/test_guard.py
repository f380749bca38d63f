import pytest

from llm_tracing.qa.errors import StatementRefused
from llm_tracing.qa.guard import Sentence, Statement, read_reply
from llm_tracing.readonly.guard import check_statement

ALLOWED = [
    ("sqlite", "SELECT 1"),
    ("sqlite", 'SELECT "Name" FROM "Artist" WHERE "Name" LIKE \'%; DROP TABLE x%\''),
    ("sqlite", "WITH a AS (SELECT 1 AS n) SELECT n FROM a"),
    ("sqlite", "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 5) SELECT x FROM c"),
    ("sqlite", "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3"),
    (
        "sqlite",
        "SELECT strftime('%Y', InvoiceDate) AS y, SUM(Total) FROM Invoice GROUP BY y HAVING SUM(Total) > 1",
    ),
    (
        "sqlite",
        "SELECT replace(Name, 'a', 'b'), COUNT(*) OVER (PARTITION BY GenreId) FROM Track -- a comment",
    ),
    ("sqlite", "SELECT 'pg_sleep(1)' AS text, \"delete\" FROM t"),
    ("postgresql", "(SELECT 1)"),
    (
        "postgresql",
        'SELECT EXTRACT(YEAR FROM "InvoiceDate")::int FROM "Invoice" ORDER BY 1 DESC NULLS LAST LIMIT 3',
    ),
    ("postgresql", "SELECT x FROM generate_series(1, 3) AS g(x)"),
    ("postgresql", "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b"),
    ("mysql", "SELECT `Name` FROM `Artist` LIMIT 5"),
]

HOSTILE = [
    ("sqlite", "DELETE FROM Artist", "only a SELECT"),
    ("sqlite", "UPDATE Artist SET Name = 'x'", "only a SELECT"),
    ("sqlite", "INSERT INTO Artist VALUES (1, 'x')", "only a SELECT"),
    ("sqlite", "REPLACE INTO Artist VALUES (1, 'x')", "only a SELECT"),
    ("sqlite", "DROP TABLE Artist", "only a SELECT"),
    ("sqlite", "CREATE TABLE x AS SELECT 1", "only a SELECT"),
    ("sqlite", "CREATE TEMP TRIGGER t AFTER INSERT ON Artist BEGIN SELECT 1; END", ""),
    ("sqlite", "ALTER TABLE Artist ADD COLUMN x", "only a SELECT"),
    ("sqlite", "PRAGMA query_only = OFF", "only a SELECT"),
    ("sqlite", "ATTACH DATABASE '/tmp/x.db' AS x", "only a SELECT"),
    ("sqlite", "VACUUM INTO '/tmp/x.db'", "only a SELECT"),
    ("sqlite", "EXPLAIN SELECT 1", "only a SELECT"),
    ("sqlite", "VALUES (1)", "only a SELECT"),
    ("sqlite", "BEGIN", "only a SELECT"),
    ("sqlite", "SELECT 1; SELECT 2", "more than one statement"),
    ("sqlite", "SELECT 1; DROP TABLE Artist; --", "more than one statement"),
    ("sqlite", "SELECT 1;\n;DELETE FROM Artist", "more than one statement"),
    ("sqlite", "SELECT load_extension('/tmp/x.so')", "load_extension"),
    ("sqlite", 'SELECT "load_extension"(\'/tmp/x.so\')', "load_extension"),
    ("sqlite", "SELECT LOAD_EXTENSION /* here */ ('/tmp/x.so')", "load_extension"),
    ("sqlite", "SELECT readfile('/etc/passwd')", "readfile"),
    ("sqlite", "SELECT writefile('/tmp/x', 'x')", "writefile"),
    ("sqlite", "SELECT sql FROM sqlite_master", "database system"),
    ("sqlite", "SELECT * FROM main.sqlite_schema", "database system"),
    ("sqlite", "SELECT * FROM pragma_table_info('Artist')", "pragma_table_info"),
    ("sqlite", "WITH x AS (SELECT * FROM sqlite_master) SELECT * FROM x", "database system"),
    ("sqlite", "SELECT * FROM Artist WHERE ArtistId = ?", "placeholders"),
    ("sqlite", "SELECT * FROM Artist WHERE ArtistId = :id", "placeholders"),
    ("sqlite", "SELECT * FROM", "does not parse"),
    ("sqlite", "SELECT '", "does not parse"),
    ("sqlite", "-- nothing", "no statement"),
    ("sqlite", "SELECT " + "(" * 3000 + "1" + ")" * 3000, "nested"),
    ("sqlite", "SELECT '" + "x" * 30_000 + "'", "longer"),
    ("sqlite", "SELECT '\x00'", "NUL"),
    ("postgresql", "SELECT * INTO copy FROM \"Artist\"", "INTO"),
    ("postgresql", "WITH gone AS (DELETE FROM \"Artist\" RETURNING *) SELECT * FROM gone", "DELETE inside"),
    ("postgresql", "WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a", "INSERT inside"),
    ("postgresql", "WITH a AS (UPDATE t SET x = 1 RETURNING *) SELECT * FROM a", "UPDATE inside"),
    ("postgresql", "SELECT * FROM (SELECT 1) s, LATERAL (SELECT pg_sleep(1)) l", "pg_sleep"),
    ("postgresql", "SELECT pg_catalog.pg_sleep(100)", "pg_sleep"),
    ("postgresql", 'SELECT "pg_catalog"."pg_sleep"(100)', "pg_sleep"),
    ("postgresql", 'SELECT U&"pg\\005fsleep"(100)', "U&"),
    ("postgresql", "SELECT pg_read_file('/etc/passwd')", "pg_read_file"),
    ("postgresql", "SELECT * FROM pg_ls_dir('.') AS f", "pg_ls_dir"),
    ("postgresql", "SELECT lo_import('/etc/passwd')", "lo_import"),
    ("postgresql", "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)", "dblink"),
    ("postgresql", "SELECT pg_terminate_backend(1)", "pg_terminate_backend"),
    ("postgresql", "SELECT set_config('statement_timeout', '0', false)", "set_config"),
    ("postgresql", "SELECT nextval('s')", "nextval"),
    ("postgresql", "SELECT query_to_xml('DELETE FROM t', true, true, '')", "query_to_xml"),
    ("postgresql", "SELECT * FROM pg_shadow", "database system"),
    ("postgresql", "SELECT * FROM pg_catalog.pg_user", "database system"),
    ("postgresql", "SELECT * FROM information_schema.tables", "database system"),
    ("postgresql", "TABLE pg_authid", "database system"),
    ("postgresql", "SELECT * FROM \"Artist\" FOR UPDATE", "lock rows"),
    ("postgresql", "COPY \"Artist\" TO PROGRAM 'sh'", "only a SELECT"),
    ("postgresql", "DO $$ BEGIN PERFORM 1; END $$", ""),
    ("postgresql", "CALL x()", "only a SELECT"),
    ("postgresql", "SET transaction_read_only = off", "only a SELECT"),
    ("postgresql", "GRANT ALL ON t TO PUBLIC", "only a SELECT"),
    ("postgresql", "TRUNCATE t", "only a SELECT"),
    ("mysql", "SELECT * FROM t INTO OUTFILE '/tmp/x'", ""),
    ("mysql", "SELECT sleep(5)", "sleep"),
    ("mysql", "SELECT load_file('/etc/passwd')", "load_file"),
    ("mysql", "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */", "comments"),
    ("mysql", "SELECT @a := 1", "variables"),
    ("mssql", "EXEC xp_cmdshell 'dir'", ""),
    ("mssql", "SELECT * FROM OPENROWSET('a', 'b', 'c')", "openrowset"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql"), ALLOWED)
def test_a_reading_statement_passes(dialect: str, sql: str) -> None:
    check_statement(sql, dialect)


@pytest.mark.parametrize(("dialect", "sql", "reason"), HOSTILE, ids=[sql[:60] for _, sql, _ in HOSTILE])
def test_a_hostile_statement_is_refused_with_a_reason(dialect: str, sql: str, reason: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        check_statement(sql, dialect)
    message = refused.value.message
    assert reason.lower() in message.lower()
    assert message.endswith(".")
    assert "\n" not in message
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("reply", "sql"),
    [
        ("SELECT 1", "SELECT 1"),
        ("  select 1 ;\n", "select 1"),
        ("```sql\nSELECT 1;\n```", "SELECT 1"),
        ("```\nSELECT 1\n```\nThis counts.", "SELECT 1"),
        ("Here it is:\n\n```sql\nSELECT a\nFROM b\n```", "SELECT a\nFROM b"),
        ("```sql\nSELECT 1", "SELECT 1"),
        ("SQLQuery: SELECT 1", "SELECT 1"),
        ("<think>first I\nSELECT 2</think>\nSELECT 1", "SELECT 1"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"),
        ("with a as materialized (select 1) select 2", "with a as materialized (select 1) select 2"),
        ("-- counts\nSELECT 1", "-- counts\nSELECT 1"),
        ("(SELECT 1)", "(SELECT 1)"),
        ("DELETE FROM Artist", "DELETE FROM Artist"),
        ("DROP TABLE Artist;", "DROP TABLE Artist"),
        ("PRAGMA query_only = OFF", "PRAGMA query_only = OFF"),
        ("The query is:\nSELECT a FROM b\n\nIt counts.", "SELECT a FROM b"),
    ],
)  # fmt: skip
def test_a_statement_is_found_in_a_reply(reply: str, sql: str) -> None:
    assert read_reply(reply) == Statement(sql)


@pytest.mark.parametrize(
    "reply",
    [
        "The schema has no weather data.",
        "I cannot answer that.",
        "With this schema I cannot tell who is happy.",
        "Update times are not in this schema.",
        "Drop-off rates are not recorded.",
        "Show times are not in the schema.",
        "Set lists are not stored here.",
    ],
)
def test_a_sentence_is_not_taken_for_a_statement(reply: str) -> None:
    assert read_reply(f"{reply}\n") == Sentence(reply)


@pytest.mark.parametrize("reply", ["", "  \n", "<think>nothing</think>"])
def test_an_empty_reply_is_refused(reply: str) -> None:
    with pytest.raises(StatementRefused, match="empty"):
        read_reply(reply)
