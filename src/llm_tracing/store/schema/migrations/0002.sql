-- Schema 1 to 2: the rarer token buckets, what a call's price depends on, and which log records tell of a GenAI span. New
-- tables are made from their own files.
ALTER TABLE spans ADD COLUMN usage_details VARCHAR;
ALTER TABLE logs ADD COLUMN genai_event VARCHAR;
ALTER TABLE calls ADD COLUMN request_model VARCHAR;
ALTER TABLE calls ADD COLUMN has_tokens BOOLEAN;
ALTER TABLE calls ADD COLUMN usage_details VARCHAR;
UPDATE calls SET has_tokens = cost_pico_usd IS NOT NULL OR input_tokens > 0 OR output_tokens > 0;
