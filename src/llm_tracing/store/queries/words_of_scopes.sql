-- Names of instrumentation scopes; there are few.
SELECT name, count(*) AS rows
FROM scopes
WHERE name <> '' AND name ILIKE ? ESCAPE '!'
GROUP BY name
ORDER BY rows DESC, name
LIMIT ?
