-- How many ended spans of each of these traces are stored, and when the last of them ends. One that runs may have ended
-- elsewhere.
SELECT trace_id, count(*), max(end_time_unix_nano)
FROM spans
WHERE
    trace_id IN (SELECT unnest(?::UUID[]))
    AND start_time_unix_nano BETWEEN ? AND ?
    AND end_time_unix_nano > 0
GROUP BY trace_id
