-- The cost of the traces of some calls, as the sum of all their calls: normalize/rollup.py in SQL.
UPDATE traces
SET cost_pico_usd = summed.cost_pico_usd, unpriced_calls = summed.unpriced_calls
FROM (
    SELECT
        trace_id,
        CASE WHEN count(cost_pico_usd) > 0 THEN least(sum(cost_pico_usd), {max_amount}) END::BIGINT AS cost_pico_usd,
        ({unpriced_calls})::UINTEGER AS unpriced_calls
    FROM calls SEMI JOIN priced USING (trace_id)
    GROUP BY trace_id
) AS summed
WHERE traces.trace_id = summed.trace_id
