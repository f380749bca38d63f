"""How a statement that returned nothing, and an answer that does not say so, are told from others: patterns only.

They are read by Python's `re` and by DuckDB's RE2 alike, over lower-case text. query/sql_lens.py marks an episode with
them, the filter `has:empty-sql-answer` finds traces; docs/lens.md says what they miss.
"""

# Words by which an answer admits that there is nothing. Broad on purpose: one wrong "sure" costs more than a miss.
NOTHING = (
    r"\b(no|none|nothing|nobody|not|never|empty|zero|cannot|unable|without|unknown|unavailable|unfortunately|missing"
    r"|kein|keine|keinen|nicht|nichts|leer|aucun|aucune|rien|ninguno|ninguna|ningún|nada|nessun|nessuno|nessuna)\b"
    r"|n['’]t\b|(^|[^0-9.,])0([^0-9.,]|[.,]?$|[.,] )"
)

# What a tool was called with, as its preview keeps it: the statement itself, or JSON with it under a short name.
READS_SQL = r"^\s*(\{\s*\"\w{1,40}\":\s*\")?[\s(]*(select|with)\b"

# A result, as its preview keeps it: no rows, or one row in which everything is NULL.
EMPTY_RESULT = (
    r"\"rows\":\s*\[\s*\]|\"row_count\":\s*0\b|^\s*\[\s*\]\s*$"
    r"|\"rows\":\s*\[\s*\[\s*null(\s*,\s*null)*\s*\]\s*\]|^\s*\[\s*\[\s*null(\s*,\s*null)*\s*\]\s*\]\s*$"
    r"|^\s*\[\(none,( ?none,?)*\)\]\s*$"
)

# A preview keeps nothing of an empty list or text; the attribute that held it does.
EMPTY_ATTRIBUTE = r"\"[\w.]*(result|output|outputs|output\.value)\":\s*\"\s*(\[\s*\]|\\\"\\\"|)\s*\""
