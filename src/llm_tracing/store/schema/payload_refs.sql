-- Which span holds which payload; of a log record of the span, with the time of the record. Column order: model.PayloadRef.
CREATE TABLE payload_refs (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    start_time_unix_nano UBIGINT NOT NULL,
    payload_id UUID NOT NULL
);
