-- Marks of one key among the newest ones.
SELECT value, count(*) AS rows
FROM (
    SELECT value
    FROM marks
    WHERE key = ? AND start_time_unix_nano >= ?
    ORDER BY start_time_unix_nano DESC
    LIMIT ?
)
WHERE value ILIKE ? ESCAPE '!'
GROUP BY value
ORDER BY rows DESC, value
LIMIT ?
