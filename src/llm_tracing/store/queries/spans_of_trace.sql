-- The spans of one trace, within the time that its roll-up gives: zone maps skip the rest of the table.
SELECT {columns}
FROM spans
WHERE trace_id IN ({ids}) AND start_time_unix_nano BETWEEN ? AND ? AND {where}
ORDER BY start_time_unix_nano, rowid
