-- The first and the last time of log records.
SELECT min(time_unix_nano), max(time_unix_nano) FROM logs WHERE {where}
