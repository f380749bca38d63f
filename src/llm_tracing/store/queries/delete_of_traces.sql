-- The rows of some traces.
DELETE FROM {table} WHERE trace_id IN (SELECT unnest(?::UUID[]))
