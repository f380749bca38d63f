-- The ids of the newest calls.
SELECT trace_id, span_id FROM calls ORDER BY start_time_unix_nano DESC LIMIT ?
