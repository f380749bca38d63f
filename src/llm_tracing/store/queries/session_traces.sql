-- The traces of one session, oldest first.
SELECT {columns}
FROM traces
WHERE session_id = ? AND (start_time_unix_nano, trace_id) > (?::UBIGINT, ?::UUID)
ORDER BY start_time_unix_nano, trace_id
LIMIT ?
