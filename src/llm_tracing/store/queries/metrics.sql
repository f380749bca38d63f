-- Every metric with how many points of it are stored and when the last was taken.
SELECT
    m.name,
    any_value(m.description),
    any_value(m.unit),
    m.type,
    m.service,
    any_value(s.name),
    coalesce(sum(p.point_count), 0)::BIGINT,
    coalesce(max(p.last_time), 0)::UBIGINT,
    max(m.aggregation_temporality),
    bool_or(m.is_monotonic),
    coalesce(sum(p.series_count), 0)::BIGINT
FROM (SELECT DISTINCT ON (metric_id) * FROM metrics) AS m
LEFT JOIN (SELECT DISTINCT ON (scope_id) * FROM scopes) AS s USING (scope_id)
LEFT JOIN (
    SELECT metric_id, count(*) AS point_count, max(time_unix_nano) AS last_time, count(DISTINCT attributes) AS series_count
    FROM metric_points
    GROUP BY metric_id
) AS p USING (metric_id)
GROUP BY m.name, m.service, m.type
ORDER BY m.name, m.service, m.type
