-- Values of one attribute among the newest rows; long texts are stored apart and not offered.
SELECT value, count(*) AS rows
FROM (
    SELECT json_extract_string(attributes, ?) AS value
    FROM ({sample})
    WHERE contains(attributes, ?)
)
WHERE length(value) <= 256 AND value NOT LIKE '{{"$parts"%' AND value ILIKE ? ESCAPE '!'
GROUP BY value
ORDER BY rows DESC, value
LIMIT ?
