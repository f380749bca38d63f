-- Traces with a span of a session or of a user; a roll-up may have been made from more spans than are left.
SELECT trace_id FROM spans WHERE {column} = ?
UNION SELECT trace_id FROM traces WHERE {column} = ?
UNION SELECT trace_id FROM logs WHERE trace_id IS NOT NULL AND json_extract_string(attributes, ?) = ?
