-- Services that have LangSmith runs.
SELECT service, count(DISTINCT (trace_id, span_id)), min(start_time_unix_nano), max(start_time_unix_nano)
FROM spans
WHERE sources & 2 <> 0
GROUP BY service
ORDER BY service
