-- Annotations whose run has not arrived.
SELECT annotation_id, run_id
FROM annotations
WHERE trace_id IS NULL AND run_id IS NOT NULL
ORDER BY created_at_unix_nano DESC
LIMIT ?
