-- One roll-up.
SELECT {columns} FROM traces WHERE trace_id = ?
