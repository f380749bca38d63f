-- Roll-ups, newest first.
SELECT {columns}
FROM traces
WHERE {where}
ORDER BY start_time_unix_nano DESC, trace_id DESC
LIMIT ?
