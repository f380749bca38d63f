-- Schema 1 to 2: the rarer token buckets, and which log records tell of a GenAI span. New tables are made from their own
-- files.
ALTER TABLE spans ADD COLUMN usage_details VARCHAR;
ALTER TABLE logs ADD COLUMN genai_event VARCHAR;
