-- The newest traces that together have at most so many spans; and how many spans all of that time have.
SELECT trace_id, start_time_unix_nano, end_time_unix_nano, all_spans
FROM (
    SELECT
        *,
        sum(span_count) OVER (ORDER BY start_time_unix_nano DESC, trace_id ROWS UNBOUNDED PRECEDING) AS so_far,
        sum(span_count) OVER () AS all_spans
    FROM traces
    WHERE start_time_unix_nano >= ?
)
WHERE so_far <= ?
ORDER BY so_far
