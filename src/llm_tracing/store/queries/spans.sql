-- Slim spans of many traces, newest first.
SELECT {columns}
FROM spans
WHERE {where}
ORDER BY start_time_unix_nano DESC, trace_id DESC, span_id DESC
LIMIT ?
