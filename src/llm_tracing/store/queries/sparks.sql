-- How each metric went: the mean of a gauge, and what was added to everything else, by bucket of time. A series that goes
-- on (temporality 2) says its total, so what was added is the difference to the bucket before; after a restart of its
-- process it is the total itself.
WITH named AS (
    SELECT DISTINCT ON (metric_id) metric_id, name, service, type, aggregation_temporality AS temporality FROM metrics
),
said AS (
    SELECT
        metric_id,
        attributes,
        start_time_unix_nano AS began,
        (time_unix_nano - $since) // $step AS bucket,
        avg(coalesce(value_double, value_int)) AS mean,
        sum(coalesce(value_double, value_int, count)) AS total,
        max_by(coalesce(value_double, value_int, count)::DOUBLE, time_unix_nano) AS last
    FROM metric_points
    WHERE time_unix_nano >= $since AND time_unix_nano < $until
    GROUP BY ALL
),
added AS (
    SELECT
        name,
        service,
        type,
        bucket,
        mean,
        CASE
            WHEN temporality = 1 THEN total
            ELSE last - lag(last) OVER (PARTITION BY metric_id, attributes, began ORDER BY bucket)
        END AS added
    FROM said JOIN named USING (metric_id)
)
SELECT name, service, type, bucket::INTEGER, CASE WHEN type = 'gauge' THEN avg(mean) ELSE sum(added) END
FROM added
GROUP BY name, service, type, bucket
ORDER BY name, service, type, bucket
