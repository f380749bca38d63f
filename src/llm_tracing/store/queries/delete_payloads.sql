-- Of these payloads the ones that nothing refers to any more.
DELETE FROM payloads
WHERE payload_id IN (SELECT unnest(?::UUID[])) AND payload_id NOT IN (SELECT payload_id FROM payload_refs)
RETURNING payload_id
