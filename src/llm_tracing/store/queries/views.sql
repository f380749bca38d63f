-- Saved views, by name.
SELECT {columns} FROM views ORDER BY lower(name), name, view_id
