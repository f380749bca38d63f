-- One row a counted call, replaced together with its trace. Group-bys over models read this, a twentieth of `spans`.
-- Column order: model.CallRow.
CREATE TABLE calls (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    start_time_unix_nano UBIGINT NOT NULL,
    duration_ns UBIGINT NOT NULL,
    time_to_first_token_ns BIGINT,
    kind VARCHAR NOT NULL,
    service VARCHAR NOT NULL,
    provider VARCHAR,
    model VARCHAR, -- the returned one, else the requested one
    request_model VARCHAR,
    session_id VARCHAR,
    user_id VARCHAR,
    is_error BOOLEAN NOT NULL,
    has_tokens BOOLEAN NOT NULL, -- whether any count was sent: without one a call has no price, which is not 0
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    usage_details VARCHAR, -- JSON: model.USAGE_DETAILS
    cost_pico_usd BIGINT -- changes when prices are corrected
);
