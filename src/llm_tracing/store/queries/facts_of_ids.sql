-- The light part of the spans of some traces, wherever in the file they are.
SELECT {columns} FROM spans WHERE trace_id IN (SELECT unnest(?::UUID[]));
