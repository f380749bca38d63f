-- Who sent the spans of a time: by service, resource and scope, how many, how many the sender cut, how many still run, and
-- how many LLM calls have tokens but no text, neither on the span nor in a log record of it.
SELECT
    service,
    resource_id,
    scope_id,
    count(*),
    count(*) FILTER (WHERE dropped_attributes_count + dropped_events_count + dropped_links_count > 0),
    count(*) FILTER (WHERE end_time_unix_nano = 0),
    count(*) FILTER (WHERE {is_call}),
    count(*) FILTER (
        WHERE {is_call}
        AND told.span_id IS NULL
        AND coalesce(input_preview, '{redacted}') = '{redacted}'
        AND coalesce(output_preview, '{redacted}') = '{redacted}'
    )
FROM spans
LEFT JOIN (SELECT DISTINCT trace_id, span_id FROM previews WHERE time_unix_nano >= ?) AS told USING (trace_id, span_id)
WHERE start_time_unix_nano >= ?
GROUP BY ALL
ORDER BY count(*) DESC
LIMIT ?
