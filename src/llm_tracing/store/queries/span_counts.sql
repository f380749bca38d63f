-- How many spans of each of these traces are stored, and when the last of them ends.
SELECT trace_id, count(*), max(end_time_unix_nano)
FROM spans
WHERE trace_id IN (SELECT unnest(?::UUID[])) AND start_time_unix_nano BETWEEN ? AND ?
GROUP BY trace_id
