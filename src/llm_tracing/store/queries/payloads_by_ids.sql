-- Many payloads.
SELECT payload_id, content FROM payloads WHERE payload_id IN (SELECT unnest(?::UUID[]))
