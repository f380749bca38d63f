-- How much is stored. DuckDB knows the number of rows of a table without reading it.
SELECT
    (SELECT count(*) FROM traces),
    (SELECT count(*) FROM spans),
    (SELECT count(*) FROM calls),
    (SELECT count(*) FROM logs),
    (SELECT count(*) FROM metric_points),
    (SELECT count(*) FROM annotations),
    (SELECT count(*) FROM payloads),
    min(start_time_unix_nano),
    max(start_time_unix_nano)
FROM traces
