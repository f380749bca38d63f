-- Saved views: a filter and a time range with a name. Column order: model.ViewRow.
CREATE TABLE views (
    view_id UUID NOT NULL,
    name VARCHAR NOT NULL,
    page VARCHAR NOT NULL, -- the list that it is of
    q VARCHAR NOT NULL,
    since VARCHAR, -- a range's name, or nanoseconds
    until VARCHAR,
    created_at_unix_nano UBIGINT NOT NULL
);
