-- Of these traces, those that have been stored, with the time in which their spans lie.
SELECT trace_id, start_time_unix_nano, end_time_unix_nano
FROM traces SEMI JOIN touched USING (trace_id)
