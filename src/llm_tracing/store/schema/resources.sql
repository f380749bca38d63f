-- A resource by the hash of its content. Column order: model.ResourceRow.
CREATE TABLE resources (
    resource_id UUID NOT NULL,
    attributes VARCHAR NOT NULL, -- JSON
    dropped_attributes_count UINTEGER NOT NULL,
    entity_refs VARCHAR NOT NULL, -- JSON
    schema_url VARCHAR NOT NULL
);
