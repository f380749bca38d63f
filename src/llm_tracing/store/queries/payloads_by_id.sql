-- A few payloads. Their rows are found first: filtering by id and reading texts in one go would read every text.
SELECT payload_id, content
FROM payloads
WHERE rowid IN (SELECT rowid FROM payloads WHERE payload_id IN ({ids}))
