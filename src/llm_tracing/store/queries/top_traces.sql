-- The traces with the most of something.
SELECT {columns}
FROM traces
WHERE {where} AND {measure} > 0
ORDER BY {measure} DESC, start_time_unix_nano DESC, trace_id
LIMIT ?
