-- Rows without content for scopes that are referred to and could not be read.
INSERT INTO scopes BY NAME
SELECT DISTINCT scope_id, '' AS name, '' AS version, '{{}}' AS attributes, 0 AS dropped_attributes_count, '' AS schema_url
FROM {table} WHERE scope_id NOT IN (SELECT scope_id FROM scopes);
