-- Acts on what is stored, one row each, never changed. Who is named stands as a hash where the act was to forget him.
-- Column order: model.AuditRow.
CREATE TABLE audit (
    time_unix_nano UBIGINT NOT NULL,
    action VARCHAR NOT NULL, -- erase, pin, unpin
    subject VARCHAR NOT NULL,
    detail VARCHAR NOT NULL -- JSON
);
