-- Traces that have spans and no roll-up, or fewer calls than their roll-up counts: part of them could not be read.
SELECT DISTINCT trace_id FROM spans WHERE trace_id NOT IN (SELECT trace_id FROM traces)
UNION
SELECT traces.trace_id
FROM traces LEFT JOIN (SELECT trace_id, count(*) AS found FROM calls WHERE kind = 'llm' GROUP BY trace_id) USING (trace_id)
WHERE llm_call_count > coalesce(found, 0);
