-- What the store must remember of itself, by name: `prices`, the fingerprint of the prices that `calls` and `traces` have.
CREATE TABLE settings (
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
