-- Counts, latency quantiles, tokens and cost of calls, traces or tool spans by one column and by time.
SELECT
    {bucket} AS bucket,
    {group} AS grouped,
    {figures}
FROM {rows}
GROUP BY ALL
ORDER BY bucket, {measure} DESC NULLS LAST, grouped
LIMIT ?
