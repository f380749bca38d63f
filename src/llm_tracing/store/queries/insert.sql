-- The rows of an Arrow table that the writer calls `arriving`.
INSERT INTO {table} BY NAME SELECT * FROM arriving
