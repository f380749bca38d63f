-- Which traces hold spans with these ids. Only the column of ids is read whole.
SELECT trace_id, span_id, attributes
FROM spans
WHERE span_id IN (SELECT unnest(?::UBIGINT[]))
