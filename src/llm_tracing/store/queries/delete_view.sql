-- Forget a saved view; the row that is gone.
DELETE FROM views WHERE view_id = ? RETURNING view_id
