-- What the store must remember of itself, by name: see store/remembered.py.
CREATE TABLE settings (
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
