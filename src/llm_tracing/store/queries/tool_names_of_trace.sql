-- What the tool spans of one trace ran, within the time that its roll-up gives.
SELECT span_id, any_value(value)
FROM marks
WHERE trace_id IN ({ids}) AND start_time_unix_nano BETWEEN ? AND ? AND key = 'tool'
GROUP BY span_id
