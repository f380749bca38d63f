-- Since when each resource has sent each metric through this server: what was read from a backend has a mark.
SELECT m.name, m.unit, m.type, m.is_monotonic, m.service, json_extract_string(r.attributes, '/service.instance.id'), p.first
FROM (SELECT DISTINCT ON (metric_id) * FROM metrics) AS m
JOIN (SELECT metric_id, min(time_unix_nano) AS first FROM metric_points GROUP BY metric_id) AS p USING (metric_id)
LEFT JOIN (SELECT DISTINCT ON (resource_id) resource_id, attributes FROM resources) AS r USING (resource_id)
WHERE NOT contains(m.metadata, ?)
