-- Spans whose merged rows take their place in the same transaction.
DELETE FROM spans WHERE {where}
