SELECT {place} AS place, value, rows
FROM (
    SELECT marks.value AS value, count(DISTINCT listed.trace_id) AS rows
    FROM marks
    LEFT JOIN trace_links USING (trace_id)
    JOIN listed ON listed.trace_id = coalesce(trace_links.part_of, marks.trace_id)
    WHERE marks.key = '{key}' AND marks.start_time_unix_nano >= (SELECT min(start_time_unix_nano) FROM listed)
    GROUP BY marks.value
    ORDER BY rows DESC, value
    LIMIT {limit}
)
