SELECT {place} AS place, value, rows
FROM (
    SELECT value, count(*) AS rows
    FROM (SELECT {values} AS value FROM listed)
    WHERE value IS NOT NULL AND value <> ''
    GROUP BY value
    ORDER BY rows DESC, value
    LIMIT {limit}
)
