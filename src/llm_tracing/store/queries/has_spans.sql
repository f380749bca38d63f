-- Whether any span of some traces is stored.
SELECT 1 FROM spans WHERE trace_id IN (SELECT unnest(?::UUID[])) LIMIT 1
