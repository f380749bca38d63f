-- Every metric with how many points of it are stored and when the last was taken.
SELECT
    m.name,
    any_value(m.description),
    any_value(m.unit),
    any_value(m.type),
    m.service,
    any_value(s.name),
    coalesce(sum(p.point_count), 0)::BIGINT,
    coalesce(max(p.last_time), 0)::UBIGINT
FROM (SELECT DISTINCT ON (metric_id) * FROM metrics) AS m
LEFT JOIN (SELECT DISTINCT ON (scope_id) * FROM scopes) AS s USING (scope_id)
LEFT JOIN (
    SELECT metric_id, count(*) AS point_count, max(time_unix_nano) AS last_time FROM metric_points GROUP BY metric_id
) AS p USING (metric_id)
GROUP BY m.name, m.service
ORDER BY m.name, m.service
