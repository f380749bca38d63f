-- The last statement that a tool of the trace ran returned nothing, and the trace's answer does not say so.
-- Parameters: the words that admit it; the time in which its spans start, from and to; what a tool called with SQL looks like; an empty result in a preview and, since
-- a preview keeps nothing of an empty list, in the attribute that held it; the status of an error.
output IS NOT NULL AND status NOT IN ('error', 'running') AND NOT regexp_matches(lower(output), ?) AND trace_id IN (
    SELECT coalesce(part_of, trace_id)
    FROM (
        SELECT
            trace_id,
            start_time_unix_nano,
            status_code,
            output_preview,
            CASE WHEN output_preview IS NULL THEN attributes END AS raw
        FROM spans
        WHERE start_time_unix_nano BETWEEN ? AND ? AND kind = 'tool' AND regexp_matches(lower(input_preview), ?)
    ) LEFT JOIN trace_links USING (trace_id)
    GROUP BY 1
    HAVING arg_max(
        (
            coalesce(regexp_matches(lower(output_preview), ?), false)
            OR coalesce(regexp_matches(lower(raw), ?), false)
        ) AND status_code <> ?,
        start_time_unix_nano
    )
)
