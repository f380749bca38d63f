-- Among the spans stored last, LangSmith's runs and the copies of runs that came over OTLP.
SELECT trace_id, name, start_time_unix_nano, sources
FROM spans
WHERE rowid > (SELECT coalesce(max(rowid), 0) FROM spans) - ?
    AND (sources = ? OR contains(attributes, '"langsmith.span.kind"'))
