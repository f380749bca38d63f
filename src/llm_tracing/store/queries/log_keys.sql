-- What log records of a time are told apart by when they are read a second time; a backend keeps less of them.
SELECT time_unix_nano, trace_id, span_id, service, severity_number
FROM logs
WHERE time_unix_nano BETWEEN ? AND ?
