-- What was taken by whom, so that a replay which was interrupted goes on. Only hashes: nothing of what was sent can be
-- read here. A record without an id of its own (a log record, a data point) may be there twice, so they are counted.
CREATE TABLE IF NOT EXISTS targets (
    target INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    shift_ns INTEGER, -- what was added to every time; NULL until it is known
    until_ns INTEGER -- nothing from here on is part of a replay that is shifted; NULL likewise
);
CREATE TABLE IF NOT EXISTS acknowledged (
    target INTEGER NOT NULL,
    key BLOB NOT NULL, -- hash of the record as it is stored
    count INTEGER NOT NULL,
    PRIMARY KEY (target, key)
) WITHOUT ROWID;
-- How often each was met in this walk; gone with the connection, and on disk, not in memory.
CREATE TEMP TABLE seen (key BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE chosen (trace_id TEXT PRIMARY KEY) WITHOUT ROWID;
