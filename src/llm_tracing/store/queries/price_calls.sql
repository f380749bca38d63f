-- New costs of some calls by row, within the time in which they start: the zone maps skip all other row groups.
UPDATE calls
SET cost_pico_usd = priced.cost_pico_usd
FROM priced
WHERE calls.start_time_unix_nano BETWEEN ? AND ? AND calls.rowid = priced.row
