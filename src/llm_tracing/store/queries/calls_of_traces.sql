-- The counted calls of some traces, at the time that their trace began. A call never begins before its trace.
(
    SELECT calls.* REPLACE (chosen.start_time_unix_nano AS start_time_unix_nano)
    FROM calls
    JOIN (SELECT trace_id, start_time_unix_nano FROM traces WHERE {where}) AS chosen USING (trace_id)
    WHERE calls.start_time_unix_nano >= ?
)
