-- Which points of these metrics are stored of a time, and whether with exemplars.
SELECT metric_id, attributes, time_unix_nano, exemplars IS NOT NULL
FROM metric_points
WHERE metric_id IN (SELECT unnest(?::UUID[])) AND time_unix_nano BETWEEN ? AND ?
