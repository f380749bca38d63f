"""What the store must remember of itself, by name: the table `settings`."""

import duckdb

PRICES = "prices"  # the fingerprint of the prices that calls and traces have
JOURNAL = "journal"  # the mark of the request of a journal that was stored last


def remembered(db: duckdb.DuckDBPyConnection, key: str) -> str | None:
    row = db.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def remember(db: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Within the transaction of who writes."""
    db.execute("DELETE FROM settings WHERE key = ?", [key])
    db.execute("INSERT INTO settings VALUES (?, ?)", [key, value])
