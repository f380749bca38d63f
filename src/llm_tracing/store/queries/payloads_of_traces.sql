-- The payloads that some traces hold; another may hold them too.
SELECT DISTINCT payload_id FROM payload_refs WHERE trace_id IN (SELECT unnest(?::UUID[]))
