-- Keys, logins, projects and the record of administrative acts; apart from the data, so that a key can be made and
-- revoked while the server has the data file open. Times are nanoseconds since the epoch.
CREATE TABLE IF NOT EXISTS keys (
    key_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL, -- comma-separated
    hash BLOB NOT NULL, -- SHA-256 of the whole key, beyond the project `default` of another text with it: keys.py
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER,
    project TEXT DEFAULT 'default' -- NULL: a key of the server, with the scope admin
);
CREATE TABLE IF NOT EXISTS logins (
    hash BLOB PRIMARY KEY, -- SHA-256 of the cookie, likewise
    key_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    project TEXT DEFAULT 'default' -- the key's, or the one chosen by who showed a key of the server
);
CREATE TABLE IF NOT EXISTS audit (
    time_unix_nano INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    project TEXT DEFAULT 'default' -- NULL: an act on the server
);
CREATE INDEX IF NOT EXISTS audit_time ON audit (time_unix_nano);
-- Those beside `default`, which is always there and has the settings of the server.
CREATE TABLE IF NOT EXISTS projects (
    name TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    settings TEXT NOT NULL, -- JSON, what differs from the server's
    deleting_at INTEGER -- set: nobody may use it any more, and its files are being removed
);
