-- Whole spans, newest first; the row number tells apart what has the same ids and start.
SELECT {columns}, rowid
FROM spans
WHERE {where}
ORDER BY start_time_unix_nano DESC, trace_id DESC, span_id DESC, rowid DESC
LIMIT ?
