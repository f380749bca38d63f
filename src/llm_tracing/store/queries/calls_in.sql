-- The counted calls of the traces in the table `wanted`.
SELECT {columns} FROM calls SEMI JOIN wanted USING (trace_id)
