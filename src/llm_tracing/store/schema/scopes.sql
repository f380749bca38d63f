-- An instrumentation scope by the hash of its content. Column order: model.ScopeRow.
CREATE TABLE scopes (
    scope_id UUID NOT NULL,
    name VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    attributes VARCHAR NOT NULL, -- JSON
    dropped_attributes_count UINTEGER NOT NULL,
    schema_url VARCHAR NOT NULL
);
