-- A pin, taken off.
DELETE FROM pins WHERE trace_id = ? RETURNING trace_id
