-- Traces that are part of another: LangSmith's runs under their own trace id, whose OTLP copies are in a request's trace.
CREATE TABLE trace_links (
    trace_id UUID NOT NULL,
    part_of UUID NOT NULL
);
