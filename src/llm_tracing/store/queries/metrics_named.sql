-- The metrics with a name, of a service, of a type; whatever is not asked for is null.
SELECT DISTINCT ON (metric_id) {columns}
FROM metrics
WHERE (name = $name OR $name IS NULL) AND (service = $service OR $service IS NULL) AND (type = $type OR $type IS NULL)
