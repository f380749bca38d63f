-- Data points of some metrics, newest first.
SELECT {columns}, rowid
FROM metric_points
WHERE {where}
ORDER BY time_unix_nano DESC, rowid DESC
LIMIT ?
