-- Log records that name a session or a user and belong to no trace.
DELETE FROM logs WHERE json_extract_string(attributes, ?) = ?
