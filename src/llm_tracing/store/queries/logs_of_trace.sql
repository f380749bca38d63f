-- The GenAI events among the log records of one trace, or of one span of it. The time bound lets the zone maps skip the
-- rest of the table.
SELECT {columns}
FROM logs
WHERE trace_id IN ({ids}) AND genai_event IS NOT NULL AND time_unix_nano BETWEEN ? AND ? AND {where}
ORDER BY time_unix_nano, rowid
