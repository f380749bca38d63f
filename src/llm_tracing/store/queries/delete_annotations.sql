-- Annotations that are said again, before their new rows take their place.
DELETE FROM annotations WHERE annotation_id IN (SELECT unnest(?::UUID[]))
