-- The next calls by time, to be priced again. The first condition lets the zone maps skip what is done.
SELECT {columns}
FROM calls
WHERE start_time_unix_nano >= ? AND (start_time_unix_nano, trace_id, span_id) > (?, ?, ?)
ORDER BY start_time_unix_nano, trace_id, span_id
LIMIT ?
