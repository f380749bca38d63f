-- What lists are filtered by and no column of `spans` has: names of tools, why answers ended, tags. A span that is sent
-- again may have a mark twice. Column order: model.MarkRow.
CREATE TABLE marks (
    trace_id UUID NOT NULL,
    span_id UBIGINT NOT NULL,
    start_time_unix_nano UBIGINT NOT NULL,
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
