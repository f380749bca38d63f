-- Who sent log records of a time, by service and resource.
SELECT service, resource_id, count(*)
FROM logs
WHERE time_unix_nano >= ?
GROUP BY ALL
ORDER BY count(*) DESC
LIMIT ?
