-- Annotations, newest first.
SELECT {columns}
FROM annotations
WHERE {where}
ORDER BY created_at_unix_nano DESC, annotation_id DESC
LIMIT ? OFFSET ?
