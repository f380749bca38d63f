-- Sessions or users: one page of them, last active first, then the sums of their traces.
WITH wanted AS (
    SELECT DISTINCT {key} AS key FROM traces WHERE {key} IS NOT NULL AND {where}
),
page AS (
    SELECT key, max(start_time_unix_nano) AS last_start
    FROM (SELECT {key} AS key, start_time_unix_nano FROM traces WHERE {key} IN (SELECT key FROM wanted) AND {told})
    GROUP BY key
    HAVING {after}
    ORDER BY last_start DESC, md5(key) DESC
    LIMIT ?
)
SELECT
    page.key,
    min(start_time_unix_nano),
    any_value(page.last_start),
    count(*),
    count(*) FILTER (WHERE status = 'error'),
    sum(llm_call_count)::BIGINT,
    arg_min(input, start_time_unix_nano) FILTER (WHERE input IS NOT NULL),
    sum(input_tokens)::BIGINT,
    sum(output_tokens)::BIGINT,
    sum(cache_read_tokens)::BIGINT,
    sum(cache_write_tokens)::BIGINT,
    sum(reasoning_tokens)::BIGINT,
    sum(cost_pico_usd)::HUGEINT,
    sum(unpriced_calls)::BIGINT,
    list_distinct(flatten(list(services))),
    list_distinct(flatten(list(models))),
    list(DISTINCT {other}) FILTER (WHERE {other} IS NOT NULL),
    count(DISTINCT {other})
FROM traces
JOIN page ON traces.{key} = page.key
WHERE {told}
GROUP BY page.key
ORDER BY any_value(page.last_start) DESC, md5(page.key) DESC
