-- Spans that link to a trace. Few spans have links, so the column is nearly all NULL and skipped block by block.
SELECT {columns}
FROM spans
WHERE links IS NOT NULL AND contains(links, ?)
ORDER BY start_time_unix_nano DESC
LIMIT ?
