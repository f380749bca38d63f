-- The last acts, newest first.
SELECT time_unix_nano, action, subject, detail FROM audit ORDER BY time_unix_nano DESC LIMIT ?
