SELECT attributes FROM {table} WHERE {where} ORDER BY {time} DESC LIMIT ?
