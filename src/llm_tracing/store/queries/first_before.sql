-- The time of the oldest row that may go.
SELECT min(time_unix_nano) FROM {table} WHERE time_unix_nano < ? AND {unpinned}
