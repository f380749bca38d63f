-- Values among the newest rows that contain a text, the most frequent first.
SELECT value, count(*) AS rows
FROM (SELECT {values} AS value FROM (SELECT * FROM {table} WHERE {where} ORDER BY {time} DESC LIMIT ?) AS listed)
WHERE value <> '' AND value ILIKE ? ESCAPE '!'
GROUP BY value
ORDER BY rows DESC, value
LIMIT ?
