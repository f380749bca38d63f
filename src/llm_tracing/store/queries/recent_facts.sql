-- The slim spans of some traces, with the scope that made each and its flags.
SELECT {columns}, scope_id, flags
FROM spans SEMI JOIN touched USING (trace_id)
WHERE start_time_unix_nano BETWEEN ? AND ?
