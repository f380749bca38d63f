-- LangSmith runs with their attributes. A run that was sent running and ended has a row of each: what ended comes first.
SELECT {columns}
FROM spans
WHERE sources & 2 <> 0 AND {where}
ORDER BY start_time_unix_nano {order}, trace_id {order}, span_id {order}, end_time_unix_nano DESC, rowid DESC
LIMIT ?
