-- The slim spans of some traces. The time bound lets the zone maps skip all row groups but a few.
SELECT {columns}
FROM spans SEMI JOIN touched USING (trace_id)
WHERE start_time_unix_nano BETWEEN ? AND ?
