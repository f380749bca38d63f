-- Keys, logins and acts of before there were projects are those of the project `default`: the data folder itself.
ALTER TABLE keys ADD COLUMN project TEXT DEFAULT 'default';
ALTER TABLE logins ADD COLUMN project TEXT DEFAULT 'default';
ALTER TABLE audit ADD COLUMN project TEXT DEFAULT 'default';
