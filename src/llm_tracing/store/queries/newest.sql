-- How many of the newest rows there are, up to a number, when the first of them starts, and when the last ends.
SELECT count(*), min(starts), max(ends)
FROM (
    SELECT {time} AS starts, {end} AS ends
    FROM {table}
    WHERE {where}
    ORDER BY {time} DESC
    LIMIT ?
)
