-- The rows of some traces in `traces` or `calls`, before new ones take their place. The time bound lets the zone maps
-- skip all row groups but a few.
DELETE FROM {table}
WHERE start_time_unix_nano BETWEEN ? AND ? AND trace_id IN ({ids})
