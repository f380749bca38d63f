-- Rows of a signal that has no traces of its own, up to a time.
DELETE FROM {table} WHERE time_unix_nano < ? AND {unpinned}
