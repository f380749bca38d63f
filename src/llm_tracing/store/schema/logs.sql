-- One row a log record. Column order: model.LogRow.
CREATE TABLE logs (
    time_unix_nano UBIGINT NOT NULL, -- the observed time where a record has no time of its own
    observed_time_unix_nano UBIGINT NOT NULL,
    severity_number INTEGER NOT NULL,
    severity_text VARCHAR NOT NULL,
    event_name VARCHAR NOT NULL,
    body VARCHAR, -- JSON; null: no body was sent
    attributes VARCHAR NOT NULL, -- JSON
    dropped_attributes_count UINTEGER NOT NULL,
    flags UINTEGER NOT NULL,
    trace_id UUID,
    span_id UBIGINT,
    service VARCHAR NOT NULL,
    genai_event VARCHAR, -- the event's name if the record tells of a GenAI span
    resource_id UUID NOT NULL,
    scope_id UUID NOT NULL
);
