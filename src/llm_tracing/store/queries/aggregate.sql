-- Counts, latency quantiles, tokens and cost of calls or traces by one column and by time.
SELECT
    {bucket} AS bucket,
    {group} AS grouped,
    count(*),
    count(*) FILTER (WHERE {failed}),
    quantile_disc({duration}, 0.5),
    quantile_disc({duration}, 0.95),
    quantile_disc({duration}, 0.99),
    sum(input_tokens)::BIGINT,
    sum(output_tokens)::BIGINT,
    sum(cache_read_tokens)::BIGINT,
    sum(cache_write_tokens)::BIGINT,
    sum(reasoning_tokens)::BIGINT,
    sum(cost_pico_usd)::HUGEINT,
    {unpriced}::BIGINT
FROM {table}
WHERE {where}
GROUP BY ALL
ORDER BY bucket, count(*) DESC, grouped
LIMIT ?
