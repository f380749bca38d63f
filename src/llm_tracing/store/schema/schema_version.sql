-- One row: the number of the schema that this file has. A newer number than the program knows is refused.
CREATE TABLE schema_version (version INTEGER NOT NULL);
