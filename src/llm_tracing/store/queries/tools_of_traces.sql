-- The tool spans of some traces that have ended, at the time that their trace began. A run that LangSmith's client
-- reported over both protocols is one: its second report has the same name and start, see normalize/twins.py.
(
    WITH chosen AS (SELECT trace_id, start_time_unix_nano AS began FROM traces WHERE {where}),
    tools AS (
        SELECT
            coalesce(trace_links.part_of, spans.trace_id) AS whole, spans.*
        FROM spans
        LEFT JOIN trace_links ON trace_links.trace_id = spans.trace_id
        WHERE spans.kind = 'tool' AND spans.end_time_unix_nano > 0 AND spans.start_time_unix_nano >= ?
    )
    SELECT
        {tool_name} AS name,
        tools.service AS service,
        tools.status_code = 2 AS is_error,
        greatest(tools.end_time_unix_nano, tools.start_time_unix_nano) - tools.start_time_unix_nano AS duration_ns,
        chosen.began AS start_time_unix_nano,
        NULL::UBIGINT AS time_to_first_token_ns,
        0 AS input_tokens,
        0 AS output_tokens,
        0 AS cache_read_tokens,
        0 AS cache_write_tokens,
        0 AS reasoning_tokens,
        NULL::BIGINT AS cost_pico_usd
    FROM tools
    JOIN chosen ON chosen.trace_id = tools.whole
    WHERE NOT (
        tools.sources = 2
        AND (tools.whole, tools.name, (tools.start_time_unix_nano + 500) // 1000) IN (
            SELECT (whole, name, (start_time_unix_nano + 500) // 1000) FROM tools WHERE sources = 1
        )
    )
)
