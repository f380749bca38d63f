-- One row a span, in the order they arrive and never changed. The columns up to `sources` are the slim part that lists,
-- roll-ups and the tree read; a column store leaves the rest untouched until one trace is opened.
-- Column order is that of model.SpanRecord.
CREATE TABLE spans (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    parent_span_id UBIGINT,
    start_time_unix_nano UBIGINT NOT NULL, -- unsigned as on the wire: no year is out of range
    end_time_unix_nano UBIGINT NOT NULL,
    name VARCHAR NOT NULL,
    otel_kind UTINYINT NOT NULL, -- opentelemetry.proto.trace.v1.Span.SpanKind
    kind VARCHAR NOT NULL, -- the canonical kind
    status_code UTINYINT NOT NULL, -- opentelemetry.proto.trace.v1.Status.StatusCode
    status_message VARCHAR,
    service VARCHAR NOT NULL,
    provider VARCHAR,
    operation VARCHAR,
    request_model VARCHAR,
    response_model VARCHAR,
    response_id VARCHAR,
    input_tokens BIGINT, -- all input, cache included
    output_tokens BIGINT, -- all output, reasoning included
    cache_read_tokens BIGINT,
    cache_write_tokens BIGINT,
    reasoning_tokens BIGINT,
    usage_details VARCHAR, -- JSON: model.USAGE_DETAILS
    client_cost_pico_usd BIGINT, -- as the client says, beside ours in `calls`
    time_to_first_token_ns BIGINT,
    session_id VARCHAR,
    user_id VARCHAR,
    input_preview VARCHAR,
    output_preview VARCHAR,
    sources UTINYINT NOT NULL, -- bits: 1 OTLP, 2 LangSmith
    trace_state VARCHAR,
    flags UINTEGER NOT NULL,
    attributes VARCHAR NOT NULL USING COMPRESSION zstd, -- JSON, see normalize/anyvalue.py
    dropped_attributes_count UINTEGER NOT NULL,
    events VARCHAR USING COMPRESSION zstd, -- JSON
    dropped_events_count UINTEGER NOT NULL,
    links VARCHAR, -- JSON
    dropped_links_count UINTEGER NOT NULL,
    resource_id UUID NOT NULL,
    scope_id UUID NOT NULL
);
