-- Names of attributes among the newest rows.
SELECT name, count(*) AS rows
FROM (SELECT unnest(json_keys(attributes)) AS name FROM ({sample}))
WHERE name ILIKE ? ESCAPE '!'
GROUP BY name
ORDER BY rows DESC, name
LIMIT ?
