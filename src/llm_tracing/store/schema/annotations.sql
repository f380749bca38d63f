-- What people and programs say of spans and traces. One row an id, replaced when it is said again.
-- Column order: model.AnnotationRow.
CREATE TABLE annotations (
    annotation_id UUID NOT NULL,
    created_at_unix_nano UBIGINT NOT NULL,
    modified_at_unix_nano UBIGINT NOT NULL,
    trace_id UUID, -- null: the run has not arrived
    span_id UBIGINT, -- null: the whole trace
    run_id UUID, -- of a LangSmith run
    key VARCHAR NOT NULL,
    score DOUBLE,
    value VARCHAR, -- JSON
    comment VARCHAR,
    correction VARCHAR, -- JSON
    source VARCHAR, -- JSON
    extra VARCHAR NOT NULL -- JSON of the fields without a column
);
