"""Tables of names that no statement of a model may use. Data only; guard.py reads it.

Sources: PostgreSQL 15 manual, chapter 9 (system administration, large object, XML, advisory locks) and
dblink; SQLite, "Core functions" and the shell's own ones; MySQL 8 manual, chapter 14.
"""

import re

FORBIDDEN_FUNCTIONS = frozenset(
    {
        # SQLite: code loading, files (the shell's functions), full-text internals
        "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob",
        # PostgreSQL: settings, sequences, files, running text as SQL, notifications
        "set_config", "current_setting", "nextval", "setval", "query_to_xml", "query_to_xmlschema",
        "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema", "table_to_xml", "schema_to_xml",
        "database_to_xml", "txid_current", "inet_server_addr", "ts_stat", "xpath_table",
        "has_table_privilege", "has_database_privilege", "has_schema_privilege", "crosstab", "connectby",
        # MySQL and SQL Server: waiting, files, locks, commands
        "sleep", "benchmark", "load_file", "get_lock", "release_lock", "release_all_locks", "is_free_lock",
        "master_pos_wait", "wait_for_executed_gtid_set", "sys_exec", "sys_eval", "openrowset", "openquery",
        "opendatasource", "extractvalue", "updatexml", "source_pos_wait",
        # DuckDB: files and addresses as tables
        "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_parquet", "parquet_scan",
        "read_text", "read_blob", "getenv", "sniff_csv", "sqlite_scan", "postgres_scan",
        "mysql_scan", "query_table",
    }
)  # fmt: skip

# pg_ holds sleeping, files, ending other sessions, advisory locks, replication; nothing an answer needs.
FORBIDDEN_PREFIXES = (
    "pg_",
    "lo_",
    "dblink",
    "pragma_",
    "xp_",
    "sp_",
    "dbms_",
    "utl_",
    "binary_upgrade_",
    "duckdb_",
)

SYSTEM_SCHEMAS = frozenset(
    {"pg_catalog", "pg_toast", "information_schema", "mysql", "performance_schema", "sys", "sqlite_master",
     "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema", "dbstat", "sysobjects"}
)  # fmt: skip
SYSTEM_TABLE_PREFIXES = ("pg_", "sqlite_", "pragma_", "duckdb_", "v$", "dba_", "all_tab")

FORBIDDEN_TEXT = (
    (re.compile(r"\bu&\s*[\"']", re.IGNORECASE), "names and texts with U& escapes are not allowed"),
    (re.compile(r"/\*[!+]"), "comments that the database executes are not allowed"),
    (re.compile(r"\x00"), "there is a NUL character in it"),
)

# The first words of statements that are not queries, told from sentences by what follows the first word.
STATEMENT_FORMS = re.compile(
    r"""(?:
      insert\s+(?:or\s+\w+\s+)?into\b | replace\s+into\b | update\s+\S+\s+(?:as\s+\w+\s+)?set\b
    | delete\s+from\b
    | merge\s+into\b | truncate\s+\S+ | copy\s+\S+\s+(?:from|to)\b | copy\s*\(
    | (?:create|drop|alter)\s+(?:or\s+replace\s+|temp\s+|temporary\s+|unique\s+|virtual\s+|materialized\s+)*
      (?:table|view|index|schema|database|role|user|function|procedure|trigger|extension|sequence|type|system)\b
    | (?:pragma|vacuum|reindex|detach|attach|listen|notify|checkpoint|discard|lock\s+tables?)\b
      (?![^;]*\.\s*\Z)
    | (?:grant|revoke)\s+.+\b(?:on|to|from)\b | (?:set|reset)\s+\w+\s*(?:=|to\b|;|\Z) | explain\s+\w+
    | do\s+\$ | (?:call|exec|execute)\s+\w+\s*\( | begin\s*(?:;|\Z|transaction)
    | (?:commit|rollback)\s*(?:;|\Z) | load\s+(?:data|extension|')
    )""",
    re.IGNORECASE | re.VERBOSE,
)
