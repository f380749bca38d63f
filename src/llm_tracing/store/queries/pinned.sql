-- Pinned traces, the last pinned first.
SELECT trace_id, pinned_at_unix_nano FROM pins ORDER BY pinned_at_unix_nano DESC
