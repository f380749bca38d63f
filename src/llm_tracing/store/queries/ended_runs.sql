-- Of runs that have a row as running, those that have another one as ended.
SELECT trace_id, span_id
FROM spans
WHERE sources & 2 <> 0 AND end_time_unix_nano > 0 AND span_id IN (SELECT unnest(?::UBIGINT[]))
