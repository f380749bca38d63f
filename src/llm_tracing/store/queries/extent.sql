-- The first and the last time of a list's rows.
SELECT min({time}), max({time})
FROM {table}
WHERE {where}
