-- Schema 1 to 2: the rarer token buckets. New tables are made from their own files.
ALTER TABLE spans ADD COLUMN usage_details VARCHAR;
