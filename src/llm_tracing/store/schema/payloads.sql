-- A prompt, an answer or another long text, by the hash of its bytes. The same text may be stored twice after a restart;
-- readers take either. Column order: model.PayloadRow.
CREATE TABLE payloads (
    payload_id UUID NOT NULL,
    content VARCHAR NOT NULL USING COMPRESSION zstd,
    search_text VARCHAR NOT NULL USING COMPRESSION zstd -- lower case, without JSON's escapes
);
