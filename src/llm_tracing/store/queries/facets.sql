-- How often each value of some keys is in a list: the list is filtered once, however many keys there are.
WITH listed AS MATERIALIZED (SELECT * FROM {table} WHERE {where})
{counts}
ORDER BY place, rows DESC, value
