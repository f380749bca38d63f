-- Which span holds which payload. Column order: model.PayloadRef.
CREATE TABLE payload_refs (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    start_time_unix_nano UBIGINT NOT NULL,
    payload_id UUID NOT NULL
);
