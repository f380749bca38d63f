-- Before which time the oldest share of the rows that may go lies.
SELECT quantile_disc({column}, ?) FROM {table} WHERE {unpinned}
