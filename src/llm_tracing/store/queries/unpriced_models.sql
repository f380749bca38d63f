-- Models without a price, by service, the one with the most calls first.
SELECT service, provider, model, {unpriced_calls} AS calls
FROM calls
WHERE start_time_unix_nano >= ?
GROUP BY service, provider, model
HAVING calls > 0
ORDER BY calls DESC
LIMIT ?
