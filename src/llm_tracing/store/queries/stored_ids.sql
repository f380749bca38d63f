-- The ids stored last.
SELECT {key} FROM {table} ORDER BY rowid DESC LIMIT ?
