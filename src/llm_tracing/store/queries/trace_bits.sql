-- For the ids of all traces, which values 24 of their bits have: a string of 2^24 bits. See known.TraceFilter.
SELECT bitstring_agg(((trace_id::UHUGEINT >> ?::UHUGEINT) & 16777215)::INTEGER, 0, 16777215)::BLOB
FROM traces
