-- The few words of a question or an answer that log records tell of their span. Column order: model.PreviewRow.
CREATE TABLE previews (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    time_unix_nano UBIGINT NOT NULL,
    input_preview VARCHAR,
    output_preview VARCHAR
);
