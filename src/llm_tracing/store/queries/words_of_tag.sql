-- Tags: of annotations, under their own key or as a value, and of LangSmith's runs.
SELECT value, count(*) AS rows
FROM (
    SELECT CASE WHEN key = 'tag' THEN json_extract_string(value, '$') ELSE key END AS value
    FROM (SELECT key, value, score FROM annotations ORDER BY created_at_unix_nano DESC LIMIT 20000)
    WHERE score IS NULL AND (key = 'tag' OR value IS NULL)
    UNION ALL
    SELECT value FROM (SELECT value FROM marks WHERE key = 'tag' ORDER BY start_time_unix_nano DESC LIMIT 20000)
)
WHERE value ILIKE ? ESCAPE '!'
GROUP BY value
ORDER BY rows DESC, value
LIMIT ?
