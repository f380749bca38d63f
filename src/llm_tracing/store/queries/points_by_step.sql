-- Data points of some metrics, newest first: of each series the last one in a step, where each says all that was before
-- it (gauges, cumulative sums and histograms, summaries). A delta says only itself, so all of those come.
SELECT {columns}, p.rowid
FROM metric_points AS p
JOIN (SELECT DISTINCT ON (metric_id) metric_id, aggregation_temporality FROM metrics) AS m USING (metric_id)
WHERE {where}
QUALIFY m.aggregation_temporality = 1
    OR row_number() OVER (
        PARTITION BY metric_id, attributes, start_time_unix_nano, time_unix_nano // ? ORDER BY time_unix_nano DESC, p.rowid DESC
    ) = 1
ORDER BY time_unix_nano DESC, p.rowid DESC
LIMIT ?
