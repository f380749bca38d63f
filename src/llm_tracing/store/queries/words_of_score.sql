-- Keys of annotations that have a score.
SELECT key, count(*) AS rows
FROM (SELECT key FROM annotations WHERE score IS NOT NULL AND key <> ? ORDER BY created_at_unix_nano DESC LIMIT 20000)
WHERE key ILIKE ? ESCAPE '!'
GROUP BY key
ORDER BY rows DESC, key
LIMIT ?
