-- How a list spreads over time, and how much of it failed.
SELECT {time} - {time} % {step} AS bucket, count(*), count(*) FILTER (WHERE {failed})
FROM {table}
WHERE {where}
GROUP BY bucket
ORDER BY bucket
