-- Traces that neither age nor size deletes. Column order: model.PinRow.
CREATE TABLE pins (
    trace_id UUID NOT NULL,
    pinned_at_unix_nano UBIGINT NOT NULL
);
