-- Rows without content for resources that are referred to and could not be read.
INSERT INTO resources BY NAME
SELECT DISTINCT resource_id, '{{}}' AS attributes, 0 AS dropped_attributes_count, '[]' AS entity_refs, '' AS schema_url
FROM {table} WHERE resource_id NOT IN (SELECT resource_id FROM resources);
