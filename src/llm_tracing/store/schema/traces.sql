-- The roll-up of each tree: one row a trace, replaced when more of its spans arrive. Column order: model.TraceRow.
CREATE TABLE traces (
    trace_id UUID NOT NULL,
    start_time_unix_nano UBIGINT NOT NULL,
    end_time_unix_nano UBIGINT NOT NULL,
    name VARCHAR NOT NULL,
    service VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    span_count UINTEGER NOT NULL,
    llm_call_count UINTEGER NOT NULL,
    error_count UINTEGER NOT NULL,
    models VARCHAR[] NOT NULL,
    kinds VARCHAR[] NOT NULL,
    services VARCHAR[] NOT NULL,
    session_id VARCHAR,
    user_id VARCHAR,
    input VARCHAR, -- preview
    output VARCHAR, -- preview, or the error
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    cost_pico_usd BIGINT, -- null: no call has a price
    unpriced_calls UINTEGER NOT NULL,
    sources UTINYINT NOT NULL
);
