-- What log records told of the spans of some traces, by time.
SELECT trace_id, span_id, input_preview, output_preview
FROM previews SEMI JOIN touched USING (trace_id)
WHERE time_unix_nano BETWEEN ? AND ?
ORDER BY time_unix_nano, rowid
