-- Which keys and tags were said, most often first.
SELECT key, CASE WHEN key = 'tag' THEN json_extract_string(value, '$') END AS tag, count(*)
FROM annotations
GROUP BY ALL
ORDER BY count(*) DESC, key, tag
LIMIT ?
