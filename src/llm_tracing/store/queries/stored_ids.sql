-- The ids stored last, the latest first. The rows are found by their numbers: sorting all of a big table takes seconds.
SELECT {key}
FROM {table}
WHERE rowid > (SELECT max(rowid) FROM {table}) - ?
ORDER BY rowid DESC
