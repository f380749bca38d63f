-- The oldest traces that are not pinned, whole ones: their parts go with them.
SELECT trace_id FROM traces
WHERE start_time_unix_nano < ? AND trace_id NOT IN (SELECT trace_id FROM pins)
ORDER BY start_time_unix_nano LIMIT ?
