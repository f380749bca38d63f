-- Log records, newest first.
SELECT {columns}
FROM logs
WHERE {where}
ORDER BY time_unix_nano DESC, rowid DESC
LIMIT ?
